//! Commands about incidents: acknowledge, close, silence, judge.

use super::Pipeline;
use super::command::{Obeyed, Refusal, invalid, not_found};
use crate::contract::calendar::Calendar;
use crate::incident::lifecycle;
use crate::model::{Actor, CalendarRule, Command, Incident, IncidentId};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

impl Pipeline {
    /// Carries out what a person does with an incident. One of another customer is as absent as none.
    pub(super) async fn handle_incident(&mut self, actor: &Actor, command: Command, now: Timestamp) -> Result<Obeyed> {
        let (Command::Acknowledge { incident: id, .. }
        | Command::Close { incident: id, .. }
        | Command::Silence { incident: id, .. }
        | Command::Judge { incident: id, .. }) = command
        else {
            return Ok(Err(invalid("not a command about an incident".to_owned())));
        };
        let Some(incident) = self.find(id).await?.filter(|incident| actor.scope.covers(incident.customer)) else {
            return Ok(Err(not_found(format!("no incident {id}"))));
        };
        let advance = match command {
            Command::Acknowledge { assignee, .. } => {
                lifecycle::acknowledge(&incident, assignee.as_deref().unwrap_or(&actor.name), now)
            }
            Command::Close { reason, .. } => lifecycle::close(&incident, &actor.name, &reason, now),
            Command::Silence { reason, until, .. } => {
                let until = until.unwrap_or_else(|| self.next_opening(&incident, now));
                lifecycle::silence(&incident, &actor.name, &reason, until, now)
            }
            Command::Judge { judgement, .. } => lifecycle::judge(&incident, &actor.name, judgement, now),
            _ => return Ok(Err(invalid("not a command about an incident".to_owned()))),
        };
        Ok(match advance {
            Ok(advance) => {
                let mut effects = Effects::default();
                self.apply(advance, &mut effects, now);
                Ok((effects, Value::Null))
            }
            Err(refusal) => Err(Refusal(refusal.kind, refusal.reason)),
        })
    }

    async fn find(&self, id: IncidentId) -> Result<Option<Incident>> {
        match self.world.incident(id) {
            Some(incident) => Ok(Some(incident.clone())),
            None => self.store.incident(id).await,
        }
    }

    /// When the desk of an incident's customer next opens; tomorrow at this time when it never closes.
    fn next_opening(&self, incident: &Incident, now: Timestamp) -> Timestamp {
        let rule = self
            .world
            .contracts
            .get(&incident.customer)
            .map_or_else(CalendarRule::default, |contract| contract.calendar.clone());
        let opening = Calendar::new(&rule).ok().map(|calendar| {
            let closing = calendar.closing_after(now);
            calendar.next_opening(closing + SignedDuration::from_secs(1))
        });
        let day = SignedDuration::from_hours(24);
        opening.filter(|opening| *opening > now && *opening < now + day * 14).unwrap_or(now + day)
    }
}
