//! The history of series, read from reports as received: points of one metric over a span, at a chosen width.

use super::reports::{Dictionary, dictionary};
use super::{Result, Store};
use crate::model::{HostId, Series, SeriesQuery};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wacht_proto::{block, catalog};

impl Store {
    /// Points of a metric, one series an object, oldest first, with those of the hosts that were merged into this one.
    /// Empty for an unknown metric.
    pub async fn series(&self, query: SeriesQuery) -> Result<Vec<Series>> {
        let lives = self.lives(query.host).await?;
        let step_s = query.step_s;
        let each = move |db: &Connection| -> Result<Vec<Vec<Series>>> {
            lives.into_iter().map(|host| series(db, &SeriesQuery { host, ..query.clone() })).collect()
        };
        Ok(joined(self.history.read(each).await?, step_s))
    }

    /// (metric, object) pairs that the host, or one that was merged into it, has reported, sorted.
    pub async fn series_names(&self, host: HostId) -> Result<Vec<(String, String)>> {
        let lives = self.lives(host).await?;
        let each = move |db: &Connection| -> Result<Vec<Vec<(String, String)>>> {
            lives.into_iter().map(|host| names(db, host)).collect()
        };
        let all: BTreeSet<_> = self.history.read(each).await?.into_iter().flatten().collect();
        Ok(all.into_iter().collect())
    }
}

/// The lives of one machine as one, by object and time. In a stretch of a step that two of them tell of, the later life
/// counts; single points all stay.
fn joined(mut lives: Vec<Vec<Series>>, step_s: u64) -> Vec<Series> {
    if lives.len() <= 1 {
        return lives.pop().unwrap_or_default();
    }
    let mut all: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
    // The host itself stands first, those before it after it.
    for series in lives.into_iter().flatten() {
        let points = all.entry(series.object).or_default();
        let told: BTreeSet<i64> = points.iter().filter(|_| step_s > 1).map(|(at, _)| *at).collect();
        points.extend(series.points.into_iter().filter(|(at, _)| !told.contains(at)));
    }
    let sorted = |(object, mut points): (String, Vec<(i64, f64)>)| {
        points.sort_by_key(|(at, _)| *at);
        Series { object, points }
    };
    all.into_iter().map(sorted).collect()
}

fn series(db: &Connection, query: &SeriesQuery) -> Result<Vec<Series>> {
    let mut statement = db.prepare_cached(
        "SELECT at_ms, dictionary, block FROM report
         WHERE host = ?1 AND at_ms >= ?2 AND at_ms < ?3 AND dictionary IS NOT NULL ORDER BY at_ms",
    )?;
    let span = params![query.host.0.into_bytes(), query.from.as_millisecond(), query.to.as_millisecond()];
    let mut rows = statement.query(span)?;
    let mut dictionaries = HashMap::new();
    let mut collected: BTreeMap<String, Points> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let at = row.get::<_, i64>(0)?.div_euclid(1_000);
        let dictionary = dictionary(db, row.get(1)?, &mut dictionaries)?;
        let Ok(values) = block::decode_whole(row.get_ref(2)?.as_blob().unwrap_or_default()) else { continue };
        for (position, object) in wanted(&dictionary, query) {
            if let Some(value) = values.get(position).filter(|value| value.is_finite()) {
                collected.entry(object.to_owned()).or_insert_with(|| Points::new(query)).add(at, *value);
            }
        }
    }
    Ok(collected.into_iter().map(|(object, points)| Series { object, points: points.finish() }).collect())
}

fn wanted<'a>(dictionary: &'a Dictionary, query: &'a SeriesQuery) -> impl Iterator<Item = (usize, &'a str)> {
    dictionary.iter().enumerate().filter_map(move |(position, series)| {
        let (metric, object) = series.as_ref()?;
        let right = *metric == query.metric && query.object.as_ref().is_none_or(|wanted| **wanted == **object);
        right.then_some((position, &**object))
    })
}

/// The points of one series at the width of a query.
struct Points {
    step_s: i64,
    counter: bool,
    done: Vec<(i64, f64)>,
    sum: f64,
    count: u32,
    start: i64,
}

impl Points {
    fn new(query: &SeriesQuery) -> Self {
        let counter =
            catalog::by_name(&query.metric).is_some_and(|metric| metric.entry().kind == catalog::Kind::Counter);
        Self {
            step_s: query.step_s.min(i64::MAX as u64) as i64,
            counter,
            done: Vec::new(),
            sum: 0.0,
            count: 0,
            start: 0,
        }
    }

    fn add(&mut self, at: i64, value: f64) {
        if self.step_s <= 1 {
            self.done.push((at, value));
            return;
        }
        let start = at - at.rem_euclid(self.step_s);
        if self.count > 0 && start != self.start {
            self.close();
        }
        self.start = start;
        // A counter's point is its last value, so that rates between points stay right.
        self.sum = if self.counter { value } else { self.sum + value };
        self.count += 1;
    }

    fn close(&mut self) {
        let value = if self.counter { self.sum } else { self.sum / f64::from(self.count) };
        self.done.push((self.start, value));
        self.sum = 0.0;
        self.count = 0;
    }

    fn finish(mut self) -> Vec<(i64, f64)> {
        if self.count > 0 {
            self.close();
        }
        self.done
    }
}

fn names(db: &Connection, host: HostId) -> Result<Vec<(String, String)>> {
    let mut statement = db.prepare_cached("SELECT series FROM dictionary WHERE host = ?1")?;
    let rows = statement.query_map(params![host.0.into_bytes()], |row| row.get::<_, String>(0))?;
    let mut names = BTreeSet::new();
    for row in rows {
        let series: Vec<(u32, String)> = super::row::parse(&row?)?;
        for (metric, object) in series {
            if let Some(metric) = catalog::by_number(metric) {
                names.insert((metric.name().to_owned(), object));
            }
        }
    }
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lives_of_one_machine_are_one_series_and_the_later_life_counts() {
        let series = |object: &str, points: &[(i64, f64)]| Series { object: object.into(), points: points.to_vec() };
        let lives = || {
            vec![
                vec![series("/", &[(60, 2.0), (120, 3.0)])],
                vec![series("/", &[(0, 1.0), (60, 9.0)]), series("/srv", &[(0, 5.0)])],
            ]
        };
        let of = |step_s| joined(lives(), step_s).into_iter().map(|one| (one.object, one.points)).collect::<Vec<_>>();
        let srv = ("/srv".to_owned(), vec![(0, 5.0)]);
        assert_eq!(of(60), [("/".to_owned(), vec![(0, 1.0), (60, 2.0), (120, 3.0)]), srv.clone()]);
        assert_eq!(of(0), [("/".to_owned(), vec![(0, 1.0), (60, 2.0), (60, 9.0), (120, 3.0)]), srv]);
    }
}
