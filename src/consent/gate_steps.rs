//! What can happen in the life of a circle, and what a cheat may try; for tests.

use proptest::prelude::*;

use super::{
    Terms,
    gate_model::DAY,
    terms::{
        strictest,
        tests::{WIDE, any_terms},
    },
};

/// Two meetings are enough for what is done to one to show in the other.
pub(super) const MEETINGS: [u32; 2] = [1, 2];

/// A step of a life. People are numbers; those that do not exist make the step mean nothing.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Enrol,
    /// The plain way: everybody who belongs is asked and says yes, and the microphone opens or a file comes in.
    Meet {
        meeting: u32,
        terms: Terms,
        file: bool,
    },
    NewCard {
        who: u8,
        voucher: u8,
    },
    LeaveCircle {
        who: u8,
    },
    Ask {
        meeting: u32,
        present: u8,
        may_come: u8,
        terms: Terms,
        file: bool,
        model: u8,
    },
    Vouch {
        meeting: u32,
        who: u8,
    },
    AllAnswer {
        meeting: u32,
        noes: u8,
        terms: Terms,
    },
    HalfAnswer {
        meeting: u32,
    },
    ForgeYes {
        meeting: u32,
        who: u8,
        how: Forgery,
    },
    Arrive {
        meeting: u32,
        who: u8,
    },
    Depart {
        meeting: u32,
        who: u8,
    },
    Mark {
        meeting: u32,
        on: bool,
    },
    Withdraw {
        who: u8,
        meeting: Option<u32>,
        whole: bool,
    },
    Discard {
        meeting: u32,
    },
    EraseWhatIsOwed,
    Transcribed {
        meeting: u32,
    },
    Clock {
        seconds: i64,
    },
    Crash,
    Tamper {
        at: u16,
        bit: u16,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Forgery {
    OldCard,
    OtherWords,
    Wider,
    ByKeeper,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let who = || 0..5u8;
    let meeting = || prop::sample::select(MEETINGS.as_slice());
    let often = prop_oneof![3 => Just(WIDE), 1 => any_terms()];
    let forgery = prop::sample::select(vec![Forgery::OldCard, Forgery::OtherWords, Forgery::Wider, Forgery::ByKeeper]);
    let clock =
        prop::sample::select(vec![60, 3600, 13 * 3600, 8 * DAY, 31 * DAY, 400 * DAY, -60, -2 * DAY, -400 * DAY]);
    prop_oneof![
        2 => Just(Step::Enrol),
        3 => (meeting(), often.clone(), prop::bool::weighted(0.3))
            .prop_map(|(meeting, terms, file)| Step::Meet { meeting, terms, file }),
        1 => (who(), who()).prop_map(|(who, voucher)| Step::NewCard { who, voucher }),
        1 => who().prop_map(|who| Step::LeaveCircle { who }),
        4 => (meeting(), any::<u8>(), any::<u8>(), often.clone(), prop::bool::weighted(0.2), 0..2u8).prop_map(
            |(meeting, present, may_come, mut terms, file, model)| {
                terms.record = true;
                let terms = strictest([&terms]);
                Step::Ask { meeting, present, may_come, terms, file, model }
            }
        ),
        1 => (meeting(), who()).prop_map(|(meeting, who)| Step::Vouch { meeting, who }),
        6 => (meeting(), prop_oneof![9 => Just(0), 1 => any::<u8>()], often)
            .prop_map(|(meeting, noes, terms)| Step::AllAnswer { meeting, noes, terms }),
        1 => meeting().prop_map(|meeting| Step::HalfAnswer { meeting }),
        1 => (meeting(), who(), forgery).prop_map(|(meeting, who, how)| Step::ForgeYes { meeting, who, how }),
        2 => (meeting(), who()).prop_map(|(meeting, who)| Step::Arrive { meeting, who }),
        1 => (meeting(), who()).prop_map(|(meeting, who)| Step::Depart { meeting, who }),
        4 => (meeting(), prop::bool::weighted(0.7)).prop_map(|(meeting, on)| Step::Mark { meeting, on }),
        1 => (who(), prop::option::of(meeting()), any::<bool>())
            .prop_map(|(who, meeting, whole)| Step::Withdraw { who, meeting, whole }),
        1 => meeting().prop_map(|meeting| Step::Discard { meeting }),
        1 => Just(Step::EraseWhatIsOwed),
        1 => meeting().prop_map(|meeting| Step::Transcribed { meeting }),
        2 => clock.prop_map(|seconds| Step::Clock { seconds }),
        1 => Just(Step::Crash),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(at, bit)| Step::Tamper { at, bit }),
    ]
}
