//! `candor circle`: make one, show one.

use super::{
    book::{Book, now},
    context::{Context, store_error},
};
use crate::{
    cli::CircleVerb,
    consent::Ledger,
    error::{Error, Result},
    session::{Circle, iso_date},
};

pub(super) fn run(c: &Context, verb: CircleVerb) -> Result<()> {
    match verb {
        CircleVerb::New { name, setting, cadence, about } => {
            let circle = Circle {
                name: name.trim().to_owned(),
                setting: setting.into(),
                cadence_days: cadence,
                about,
                fiction: false,
            };
            new(c, &circle)
        }
        CircleVerb::Show { name } => {
            let store = c.open_named(name.as_deref())?;
            show(c, &store)
        }
    }
}

fn new(c: &Context, circle: &Circle) -> Result<()> {
    let (mut ledger, keeper) =
        Ledger::create(&circle.name, now()).map_err(|e| Error::user("a circle cannot have this name").because(e))?;
    let store = c.open_or_create()?;
    if store.has_circle(&circle.name).map_err(store_error)? {
        return Err(Error::user("there is a circle of this name already").hint("Choose another name."));
    }
    let id = store.add_circle(circle, &keeper).map_err(store_error)?;
    store.append_to_ledger(id, ledger.pending()).map_err(store_error)?;
    ledger.stored();
    c.screen.result(&format!("The circle \"{}\" is made.", circle.name));
    c.screen.note("Next: candor member add NAME --facilitator");
    Ok(())
}

fn show(c: &Context, book: &Book) -> Result<()> {
    let s = c.screen;
    let circle = &book.circle.circle;
    s.result(&format!("{} (every {} days)", circle.name, circle.cadence_days));
    if !circle.about.is_empty() {
        s.result(&circle.about);
    }
    s.result("\nMembers");
    for (id, member) in &book.ledger.state().members {
        let role = if book.circle.facilitator == Some(*id) { ", facilitator" } else { "" };
        let gone = if member.active { "" } else { " (has left)" };
        s.result(&format!("  {}{role}{gone}", member.name));
    }
    s.result("\nMeetings");
    let meetings = book.store.meetings(book.circle.id).map_err(store_error)?;
    if meetings.is_empty() {
        s.result("  none yet");
    }
    for m in meetings {
        let date = iso_date::to_string(m.plan.date);
        let came = format!("{} of {} present", m.plan.present.len(), m.plan.roster.len());
        s.result(&format!("  {:>3}  {date}  {came:<18} {}", m.plan.session, m.state.name()));
    }
    s.result(&format!(
        "\nThe ledger holds {} entries; its eight words:\n  {}",
        book.ledger.len(),
        book.ledger.head_words()
    ));
    Ok(())
}
