//! Who comes and goes while a meeting is recorded. The microphone is closed meanwhile.

use super::{
    asking::{self, AtTheKeyboard},
    book::{Book, ledger_id, now},
    consent,
    context::{Context, store_error},
    member,
};
use crate::{
    consent::{Event, MemberId, Outcome, Proposal},
    error::{Error, Result},
    store::MeetingRow,
};

/// Somebody comes: whoever was named as one who may come is asked alone; a guest gets a card, and then all are asked anew.
/// False if the meeting is not recorded any further.
pub(super) fn somebody_comes(
    c: &Context,
    book: &mut Book,
    row: &mut MeetingRow,
    guests: &mut Vec<MemberId>,
) -> Result<bool> {
    let Some(name) = line(c, "Who has come? (Enter alone: nobody)")? else { return Ok(true) };
    let member = match book.ledger.state().find(&name) {
        Some(member) => member,
        None => match guest(c, book, &name)? {
            Some(member) => {
                guests.push(member);
                member
            }
            None => return Ok(true),
        },
    };
    let meeting = ledger_id(&row.plan);
    let Some(state) = book.ledger.state().meetings.get(&meeting) else { return Ok(true) };
    if state.in_room.contains(&member) {
        c.screen.say(&format!("{name} is here already."));
        return Ok(true);
    }
    let request = state.request.clone();
    let invited = request.present.contains(&member) || request.may_come.contains(&member);
    let notice = if invited {
        book.note(Event::Arrived { meeting, member })?;
        request.notice
    } else {
        let present: Vec<MemberId> = state.in_room.iter().copied().chain([member]).collect();
        let others = request.present.iter().chain(&request.may_come);
        let may_come = others.copied().filter(|m| !present.contains(m)).collect();
        let proposal = Proposal {
            meeting,
            date: request.date,
            source: request.source,
            present,
            may_come,
            terms: request.terms,
            models: request.models,
        };
        let notice = book.ledger.ask(&book.circle.keeper, proposal, now()).map_err(asking::consent_error)?;
        book.commit()?;
        notice
    };
    here(book, row, &name)?;
    let outcome = asking::go_round(c, book, meeting, &notice, request.source, &mut AtTheKeyboard(c.screen))?;
    match outcome {
        Outcome::Granted(terms) => {
            c.screen.say("Everyone here has agreed. From now on this holds for all:");
            consent::in_words(&terms).iter().for_each(|line| c.screen.say(line));
            Ok(true)
        }
        Outcome::NotRecorded => {
            c.screen.say("This meeting is not recorded any further. What was recorded before stays as it was agreed.");
            Ok(false)
        }
    }
}

/// Somebody leaves; what they said stays under their yes.
pub(super) fn somebody_leaves(c: &Context, book: &mut Book, row: &MeetingRow) -> Result<()> {
    let Some(name) = line(c, "Who leaves? (Enter alone: nobody)")? else { return Ok(()) };
    let meeting = ledger_id(&row.plan);
    match book.ledger.state().find(&name) {
        Some(member) if book.ledger.state().meetings.get(&meeting).is_some_and(|m| m.in_room.contains(&member)) => {
            book.note(Event::Departed { meeting, member })?;
            c.screen.say(&format!("{name} has left."));
        }
        _ => c.screen.say(&format!("Nobody called {name} is in the room.")),
    }
    Ok(())
}

/// Notes that somebody is here, in the plan by which voices are told apart and attendance is counted.
fn here(book: &Book, row: &mut MeetingRow, name: &str) -> Result<()> {
    for list in [&mut row.plan.present, &mut row.plan.roster] {
        if !list.iter().any(|n| n == name) {
            list.push(name.to_owned());
        }
    }
    book.store.update_meeting(row).map_err(store_error)
}

/// A guest gets a card of their own, and leaves the circle again with the end of the meeting.
fn guest(c: &Context, book: &mut Book, name: &str) -> Result<Option<MemberId>> {
    let question = format!("{name} is not in the circle. Give them a card, as a guest of today? (yes or no)");
    if line(c, &question)?.as_deref() != Some("yes") {
        return Ok(None);
    }
    c.screen.clear();
    line(c, &format!("{name}: press Enter when you alone see this screen."))?;
    let (member, card) = member::enrol(book, name)?;
    member::hand_over(c, name, &card, None)?;
    line(c, "Press Enter when you have photographed it or written it down.")?;
    c.screen.clear();
    Ok(Some(member))
}

fn line(c: &Context, question: &str) -> Result<Option<String>> {
    let typed = c
        .screen
        .ask(question)
        .ok_or_else(|| Error::user("nobody answered").hint("What was recorded is kept. To go on: candor record"))?;
    Ok((!typed.is_empty()).then_some(typed))
}
