//! Mazes: parsing, solving and drawing.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;

/// What stands in a cell of a maze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Wall,
    Floor,
    Start,
    Goal,
}

#[derive(Debug, PartialEq)]
pub enum MazeError {
    Empty,
    Unknown { glyph: char, row: usize },
    Missing(&'static str),
}

impl fmt::Display for MazeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MazeError::Empty => write!(f, "the maze is empty"),
            MazeError::Unknown { glyph, row } => {
                write!(f, "unknown glyph {glyph:?} in row {row}")
            }
            MazeError::Missing(what) => write!(f, "the maze has no {what}"),
        }
    }
}

pub struct Maze {
    cells: Vec<Vec<Cell>>,
    width: usize,
}

impl FromStr for Maze {
    type Err = MazeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut cells = Vec::new();
        for (row, line) in text.lines().enumerate() {
            let parsed: Result<Vec<_>, _> = line
                .chars()
                .map(|glyph| match glyph {
                    '#' => Ok(Cell::Wall),
                    ' ' => Ok(Cell::Floor),
                    'S' => Ok(Cell::Start),
                    'G' => Ok(Cell::Goal),
                    glyph => Err(MazeError::Unknown { glyph, row }),
                })
                .collect();
            cells.push(parsed?);
        }
        let width = cells.first().map(Vec::len).ok_or(MazeError::Empty)?;
        Ok(Maze { cells, width })
    }
}

impl Maze {
    fn find(&self, wanted: Cell) -> Option<(usize, usize)> {
        self.cells.iter().enumerate().find_map(|(y, row)| {
            row.iter().position(|&cell| cell == wanted).map(|x| (x, y))
        })
    }

    /// The length of the shortest way, if there is one.
    pub fn solve(&self) -> Result<Option<usize>, MazeError> {
        let start = self.find(Cell::Start).ok_or(MazeError::Missing("start"))?;
        let goal = self.find(Cell::Goal).ok_or(MazeError::Missing("goal"))?;
        let mut seen = HashMap::from([(start, 0_usize)]);
        let mut queue = VecDeque::from([start]);
        while let Some((x, y)) = queue.pop_front() {
            let steps = seen[&(x, y)];
            if (x, y) == goal {
                return Ok(Some(steps));
            }
            for next in self.neighbours(x, y) {
                if !seen.contains_key(&next) {
                    seen.insert(next, steps + 1);
                    queue.push_back(next);
                }
            }
        }
        Ok(None)
    }

    fn neighbours(&self, x: usize, y: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        // Rows above and below, columns to both sides.
        [(0, 1), (1, 0), (0, -1), (-1, 0)]
            .into_iter()
            .filter_map(move |(dx, dy): (isize, isize)| {
                let x = x.checked_add_signed(dx)?;
                let y = y.checked_add_signed(dy)?;
                (x < self.width && self.cells.get(y)?.get(x)? != &Cell::Wall).then_some((x, y))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_corridor_is_as_long_as_it_is() {
        let maze: Maze = "S  G".parse().unwrap();
        assert_eq!(maze.solve(), Ok(Some(3)));
    }
}
