use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub u32);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    Empty,
    BadTime(String),
    UnknownStop(String),
    OutOfOrder { line: usize },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Empty => write!(f, "the timetable is empty"),
            ParseError::BadTime(text) => write!(f, "not a time of day: {text}"),
            ParseError::UnknownStop(name) => write!(f, "no such stop: {name}"),
            ParseError::OutOfOrder { line } => write!(f, "line {line} goes back in time"),
        }
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Minute {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ParseError::BadTime(text.to_string());
        let (hours, minutes) = text.split_once(':').ok_or_else(bad)?;
        let hours: u32 = hours.parse().map_err(|_| bad())?;
        let minutes: u32 = minutes.parse().map_err(|_| bad())?;
        if hours >= 24 || minutes >= 60 {
            return Err(bad());
        }
        Ok(Minute(hours * 60 + minutes))
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[derive(Debug, Clone)]
pub struct Trip {
    pub line: String,
    pub from: usize,
    pub to: usize,
    pub departs: Minute,
    pub arrives: Minute,
}

#[derive(Debug, Default)]
pub struct Timetable {
    stops: Vec<String>,
    index: HashMap<String, usize>,
    trips: BTreeMap<usize, Vec<Trip>>,
}

impl Timetable {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add_stop(&mut self, name: &str) -> usize {
        if let Some(&known) = self.index.get(name) {
            return known;
        }
        let number = self.stops.len();
        self.stops.push(name.to_string());
        self.index.insert(name.to_string(), number);
        number
    }

    pub fn stop(&self, name: &str) -> Result<usize, ParseError> {
        self.index
            .get(name)
            .copied()
            .ok_or_else(|| ParseError::UnknownStop(name.to_string()))
    }

    pub fn add_trip(&mut self, trip: Trip) {
        let trips = self.trips.entry(trip.from).or_default();
        let place = trips.partition_point(|other| other.departs <= trip.departs);
        trips.insert(place, trip);
    }

    pub fn departures(&self, stop: usize, after: Minute) -> impl Iterator<Item = &Trip> {
        self.trips
            .get(&stop)
            .into_iter()
            .flatten()
            .filter(move |trip| trip.departs >= after)
    }

    pub fn earliest_arrival(&self, from: usize, to: usize, start: Minute) -> Option<Vec<&Trip>> {
        let mut best: Vec<Option<Minute>> = vec![None; self.stops.len()];
        let mut came_by: Vec<Option<&Trip>> = vec![None; self.stops.len()];
        let mut queue = BinaryHeap::new();
        best[from] = Some(start);
        queue.push(Reverse((start, from)));
        while let Some(Reverse((now, stop))) = queue.pop() {
            if stop == to {
                break;
            }
            if best[stop].is_some_and(|known| known < now) {
                continue;
            }
            for trip in self.departures(stop, now) {
                let better = match best[trip.to] {
                    Some(known) => trip.arrives < known,
                    None => true,
                };
                if better {
                    best[trip.to] = Some(trip.arrives);
                    came_by[trip.to] = Some(trip);
                    queue.push(Reverse((trip.arrives, trip.to)));
                }
            }
        }
        best[to]?;
        let mut route = Vec::new();
        let mut stop = to;
        while let Some(trip) = came_by[stop] {
            route.push(trip);
            stop = trip.from;
        }
        route.reverse();
        Some(route)
    }

    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut table = Timetable::new();
        let mut line_name = String::new();
        let mut last: Option<(usize, Minute)> = None;
        for (number, row) in text.lines().enumerate() {
            let row = row.trim();
            if row.is_empty() || row.starts_with('#') {
                continue;
            }
            if let Some(name) = row.strip_prefix("line ") {
                line_name = name.to_string();
                last = None;
                continue;
            }
            let (time, stop) = row.split_once(' ').ok_or(ParseError::Empty)?;
            let time: Minute = time.parse()?;
            let stop = table.add_stop(stop.trim());
            if let Some((from, departs)) = last {
                if time < departs {
                    return Err(ParseError::OutOfOrder { line: number + 1 });
                }
                table.add_trip(Trip {
                    line: line_name.clone(),
                    from,
                    to: stop,
                    departs,
                    arrives: time,
                });
            }
            last = Some((stop, time));
        }
        if table.stops.is_empty() {
            return Err(ParseError::Empty);
        }
        Ok(table)
    }
}

pub fn transfers(route: &[&Trip]) -> usize {
    route
        .windows(2)
        .filter(|pair| pair[0].line != pair[1].line)
        .count()
}

pub fn describe(table: &Timetable, route: &[&Trip]) -> String {
    let mut lines = Vec::with_capacity(route.len());
    for trip in route {
        let from = &table.stops[trip.from];
        let to = &table.stops[trip.to];
        lines.push(format!("{} {from} → {} {to} ({})", trip.departs, trip.arrives, trip.line));
    }
    lines.join("\n")
}
