//! Asking people, one after another, at this machine.
//!
//! Nothing is ticked beforehand; between two people the screen is cleared; a no ends a person's questions at once and
//! needs no proof, and the screen looks the same after a yes and after a no.

use std::{collections::BTreeMap, fs, path::Path};

use super::{
    book::{Book, now},
    consent::in_words,
    context::{Context, store_error},
};
use crate::{
    consent::{
        Answer, Audience, Card, Choices, Decision, Item, Ledger, MeetingId, MemberId, MemberKey, Outcome, Round,
        SealedKey, Secret, Standing, Terms,
        item::Kind,
        notice::{Notice, Source},
    },
    error::{Error, ErrorKind, Result},
    screen::Screen,
};

/// What somebody reads whose answer is none.
const AS_SHOWN: &str = "Please answer as shown.";

/// What somebody reads who has said no.
const UNHURRIED: &str = "\nYour no stands, and nobody is shown it. You need not show your card: whatever you type now counts \
     for nothing. Take as long as you like, so that your haste tells nothing either.";

/// Tries that somebody has to type their card before the round is given up.
const TRIES: usize = 3;

/// What one person is asked.
pub(super) struct Question<'q> {
    name: &'q str,
    /// The words in full.
    notice: &'q Notice,
    asked: Terms,
    source: Source,
    /// What was agreed before they came, if they come late.
    before: Option<Terms>,
    /// A former yes of theirs to the same.
    standing: Option<Standing>,
}

/// Who answers: people at the keyboard, or a prepared file.
pub(super) trait Answers {
    /// What this person decides.
    fn decision(&mut self, question: &Question<'_>) -> Result<Decision>;
    /// Their card.
    fn card(&mut self, name: &str) -> Result<Secret>;
}

/// Asks all whose answer is missing, one after another, and writes what came of it into the ledger.
pub(super) fn go_round(
    c: &Context,
    book: &mut Book,
    meeting: MeetingId,
    notice: &Notice,
    source: Source,
    answers: &mut dyn Answers,
) -> Result<Outcome> {
    let mut round = Round::begin(&book.ledger, meeting).map_err(consent_error)?;
    let keys = book.store.keys(book.circle.id).map_err(store_error)?;
    ask_all(&mut round, &book.ledger, meeting, &keys, notice, source, answers)?;
    let outcome = round.close(&mut book.ledger, &book.circle.keeper, now()).map_err(consent_error)?;
    book.commit()?;
    c.screen.clear();
    Ok(outcome)
}

fn ask_all(
    round: &mut Round,
    ledger: &Ledger,
    meeting: MeetingId,
    keys: &BTreeMap<MemberId, SealedKey>,
    notice: &Notice,
    source: Source,
    answers: &mut dyn Answers,
) -> Result<()> {
    let waiting: Vec<MemberId> = round.waiting().collect();
    for member in waiting {
        let name = ledger.state().members.get(&member).map(|m| m.name.clone()).unwrap_or_default();
        let decision = answers.decision(&Question {
            name: &name,
            notice,
            asked: round.asked(),
            source,
            before: round.before(),
            standing: ledger.standing(meeting, member),
        })?;
        if decision == Decision::No {
            // A no needs no proof. The card is asked for all the same, so that nobody can tell a no by its haste.
            let _ = answers.card(&name);
            round.refuse(member).map_err(consent_error)?;
            continue;
        }
        let sealed = keys.get(&member).ok_or_else(|| Error::user(format!("{name} has no card yet")))?;
        let key = unlock(ledger, member, &name, sealed, answers)?;
        round.answer(key, decision).map_err(consent_error)?;
    }
    Ok(())
}

/// The key of a member by name, unlocked with the card that they bring.
pub(super) fn key_of(book: &Book, name: &str, answers: &mut dyn Answers) -> Result<MemberKey> {
    let member = book.member(name)?;
    let keys = book.store.keys(book.circle.id).map_err(store_error)?;
    let sealed = keys.get(&member).ok_or_else(|| Error::user(format!("{name} has no card")))?;
    unlock(&book.ledger, member, name, sealed, answers)
}

fn unlock(
    ledger: &Ledger,
    member: MemberId,
    name: &str,
    sealed: &SealedKey,
    answers: &mut dyn Answers,
) -> Result<MemberKey> {
    let mut last = None;
    for _ in 0..TRIES {
        let secret = match answers.card(name) {
            Ok(secret) => secret,
            Err(e) if e.kind == ErrorKind::User => {
                last = Some(e);
                continue;
            }
            Err(e) => return Err(e),
        };
        match ledger.unlock(member, sealed, &secret) {
            Ok(key) => return Ok(key),
            Err(e) => last = Some(wrong_card(name, e)),
        }
    }
    Err(last.unwrap_or_else(|| Error::user(format!("no card was given for {name}"))))
}

fn wrong_card(name: &str, e: crate::consent::key::KeyError) -> Error {
    Error::new(ErrorKind::Consent, format!("the card of {name} was not accepted"))
        .because(e)
        .hint(format!("Check the words. If the card is lost: candor member recard \"{name}\" --voucher ANOTHER"))
}

/// What the consent module says, for a person.
pub(super) fn consent_error(e: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Consent, "the answer could not be taken").because(e)
}

/// People at the keyboard.
pub(super) struct AtTheKeyboard(pub(super) Screen);

impl Answers for AtTheKeyboard {
    fn decision(&mut self, q: &Question<'_>) -> Result<Decision> {
        self.0.clear();
        self.line(&format!("{}: press Enter when you alone see this screen.", q.name))?;
        self.0.clear();
        let decision = match self.as_before(q)? {
            Some(decision) => decision,
            None => self.line_by_line(q)?,
        };
        if decision == Decision::No {
            self.0.say(UNHURRIED);
        }
        Ok(decision)
    }

    fn card(&mut self, name: &str) -> Result<Secret> {
        let typed = self.0.ask_secret(&format!("{name}, the twelve words of your card (they do not show):"));
        let typed = typed.ok_or_else(end_of_input)?;
        Card::parse(&typed).map(Secret::Card).map_err(|e| Error::user("this is no card").because(e))
    }
}

impl AtTheKeyboard {
    /// The short form for somebody who has said yes to the same before; none for others, and for those who want to read it all.
    fn as_before(&self, q: &Question<'_>) -> Result<Option<Decision>> {
        let Some(standing) = q.standing else { return Ok(None) };
        let screen = self.0;
        screen.say(&format!(
            "{}, you said yes to the same words for meeting {}: the same people, questions and models. There it came to this:",
            q.name, standing.meeting
        ));
        self.list(&standing.terms);
        screen.say(
            "\nNothing is answered for you. same: that again   read: all the words, and each answer   no: not recorded",
        );
        loop {
            match self.line("same, read or no:")?.to_lowercase().as_str() {
                "same" => return Ok(Some(Decision::Yes(standing.terms))),
                "no" => return Ok(Some(Decision::No)),
                "read" => return Ok(None),
                _ => screen.say(AS_SHOWN),
            }
        }
    }

    /// All the words, then each item.
    fn line_by_line(&self, q: &Question<'_>) -> Result<Decision> {
        let screen = self.0;
        screen.say(&q.notice.text);
        screen.say("");
        if let Some(before) = q.before {
            screen.say("The others have agreed before you came. This holds now; if you choose less, it will hold for all, and they will see that it changed:");
            self.list(&before);
        }
        let no = if q.before.is_none() {
            "A no is silent and costs nothing."
        } else {
            "You are asked alone, so a no would be known as yours; it ends the recording, and costs nothing."
        };
        screen.say(&format!("{}, these are your own answers. Nobody else will see them. {no}", q.name));
        let mut choices = Choices::blank(q.asked);
        while let Some(item) = choices.unanswered().first().copied() {
            screen.say(&format!("\n{} {}", item.title(), item.question(&q.asked, q.source)));
            match self.answer(item, &q.asked)? {
                Some(answer) => choices.answer(item, answer).map_err(consent_error)?,
                None => screen.say(AS_SHOWN),
            }
        }
        choices.decide().map_err(consent_error)
    }

    fn list(&self, terms: &Terms) {
        in_words(terms).iter().for_each(|line| self.0.say(&format!("  {line}")));
    }

    fn line(&self, question: &str) -> Result<String> {
        self.0.ask(question).ok_or_else(end_of_input)
    }

    fn answer(&self, item: Item, asked: &Terms) -> Result<Option<Answer>> {
        Ok(match item.kind(asked) {
            Kind::YesOrNo => match self.line("yes or no:")?.to_lowercase().as_str() {
                "y" | "yes" => Some(Answer::Yes),
                "n" | "no" => Some(Answer::No),
                _ => None,
            },
            Kind::Days { least, most } => {
                let days: Option<u16> = self.line(&format!("days, {least} to {most}:"))?.parse().ok();
                days.filter(|n| (least..=most).contains(n)).map(Answer::Days)
            }
            Kind::Audience { widest } => {
                let options = [Audience::Screen, Audience::Present, Audience::Circle];
                let names = ["screen", "present", "circle"];
                let open: Vec<&str> =
                    names.iter().zip(options).filter(|(_, a)| *a <= widest).map(|(n, _)| *n).collect();
                let typed = self.line(&format!("{}:", open.join(", ")))?.to_lowercase();
                open.iter().position(|n| *n == typed).map(|k| Answer::Audience(options[k]))
            }
            Kind::NotAsked => None,
        })
    }
}

fn end_of_input() -> Error {
    Error::new(ErrorKind::Interrupted, "the input ended before everybody had answered")
        .hint("Nothing was signed. Run it again in a terminal, where people can answer.")
}

/// Answers from a file, one line a person: `Name: twelve words: all` or `Name: none`.
#[derive(Debug)]
pub(super) struct Prepared(BTreeMap<String, (String, bool)>);

impl Prepared {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
        let mut people = BTreeMap::new();
        for (k, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let mut parts = line.split(':').map(str::trim);
            let answer = match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(name), Some(words), Some("all"), None) => (name, words, true),
                (Some(name), Some("none"), None, None) => (name, "", false),
                _ => {
                    return Err(Error::user(format!("{} line {} is no answer", path.display(), k + 1))
                        .hint("A line is `Name: twelve words: all`, or `Name: none`."));
                }
            };
            people.insert(answer.0.to_owned(), (answer.1.to_owned(), answer.2));
        }
        Ok(Self(people))
    }

    /// Answers of invented people, who say yes to everything.
    pub(super) fn invented(cards: BTreeMap<String, String>) -> Self {
        Self(cards.into_iter().map(|(name, words)| (name, (words, true))).collect())
    }

    /// One person's card from a file that holds nothing else.
    pub(super) fn card_alone(name: &str, path: &Path) -> Result<Self> {
        let words = fs::read_to_string(path)
            .map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
        Ok(Self(BTreeMap::from([(name.to_owned(), (words.trim().to_owned(), true))])))
    }

    fn of(&self, name: &str) -> Result<&(String, bool)> {
        self.0.get(name).ok_or_else(|| Error::user(format!("the answers hold no line for {name}")))
    }
}

impl Answers for Prepared {
    fn decision(&mut self, q: &Question<'_>) -> Result<Decision> {
        Ok(if self.of(q.name)?.1 { Decision::Yes(q.asked) } else { Decision::No })
    }

    fn card(&mut self, name: &str) -> Result<Secret> {
        let (words, _) = self.of(name)?;
        Card::parse(words)
            .map(Secret::Card)
            .map_err(|e| Error::user(format!("the card of {name} is no card")).because(e))
    }
}
