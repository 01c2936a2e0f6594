//! What the picture is made of: boxes, words and arcs, from top to bottom.

use svg::node::element::path::Data;
use svg::node::element::{Group, Line, Path, Rectangle, Text};
use svg::{Document, Node};

/// Of words.
pub const INK: &str = "#1f2933";
/// Of words that matter less.
pub const PALE: &str = "#616e7c";
/// Of what is sound, and of bytes in use.
pub const SOUND: &str = "#3e7cb1";
/// Of what is whole in the idle journal.
pub const SETTLED: &str = "#b8d0e6";
/// Of what an interrupted commit has left.
pub const UNCOMMITTED: &str = "#9b72cf";
/// Of what is not whole in the idle journal.
pub const TORN: &str = "#9aa5b1";
/// Of what is damaged.
pub const DAMAGED: &str = "#d64545";
/// Of free bytes.
pub const FREE: &str = "#e4e7eb";
/// Of words on dark boxes.
pub const WHITE: &str = "#ffffff";

/// How heavy words are.
#[derive(Clone, Copy)]
pub enum Weight {
    Plain,
    Bold,
}

/// A picture that grows downwards.
pub struct Canvas {
    drawn: Group,
    width: f64,
    margin: f64,
    /// Where the next thing goes.
    pub y: f64,
}

impl Canvas {
    pub fn new(width: f64, margin: f64) -> Canvas {
        let y = margin;
        let drawn = Group::new();
        Canvas {
            drawn,
            width,
            margin,
            y,
        }
    }

    pub fn left(&self) -> f64 {
        self.margin
    }

    pub fn right(&self) -> f64 {
        self.width - self.margin
    }

    pub fn add(&mut self, node: impl Into<Box<dyn Node>>) {
        self.drawn.append(node);
    }

    pub fn skip(&mut self, height: f64) {
        self.y += height;
    }

    /// Begins a part of the picture.
    pub fn heading(&mut self, words: &str) {
        self.skip(24.0);
        self.add(text(self.margin, self.y, 14.0, Weight::Bold, INK, words));
        self.skip(12.0);
    }

    pub fn finish(self) -> String {
        let (width, height) = (self.width, self.y + self.margin);
        let whole = Document::new()
            .set("viewBox", (0.0, 0.0, width, height))
            .set("width", width)
            .set("height", height)
            .set("font-family", "DejaVu Sans, Verdana, sans-serif")
            .add(rectangle(0.0, 0.0, width, height, WHITE))
            .add(self.drawn);
        format!("{whole}\n")
    }
}

pub fn rectangle(x: f64, y: f64, width: f64, height: f64, fill: &str) -> Rectangle {
    Rectangle::new()
        .set("x", x)
        .set("y", y)
        .set("width", width)
        .set("height", height)
        .set("fill", fill)
}

/// Words whose first one begins at `x`, on the line `y`.
pub fn text(x: f64, y: f64, size: f64, weight: Weight, fill: &str, words: &str) -> Text {
    let node = Text::new(words)
        .set("x", x)
        .set("y", y)
        .set("font-size", size)
        .set("fill", fill);
    match weight {
        Weight::Plain => node,
        Weight::Bold => node.set("font-weight", "bold"),
    }
}

/// Words that get smaller where they would need more than `room`.
pub fn text_within(
    room: f64,
    x: f64,
    y: f64,
    size: f64,
    weight: Weight,
    fill: &str,
    words: &str,
) -> Text {
    let shrunk = room / words.chars().map(|c| widest(c, weight)).sum::<f64>();
    text(x, y, size.min(shrunk), weight, fill, words)
}

/// How wide a character is at most, in units of the size: which font is there is not known.
fn widest(c: char, weight: Weight) -> f64 {
    let plain = match c {
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        ' ' => 0.36,
        '#' | '&' | '+' | '<' | '=' | '>' | '^' | '~' => 0.84,
        c if c.is_ascii_uppercase() => 0.79,
        c if c.is_ascii() => 0.65,
        _ => 1.0,
    };
    match weight {
        Weight::Plain => plain,
        Weight::Bold => 1.11 * plain,
    }
}

/// The outer edge of a ring.
pub struct Circle {
    pub x: f64,
    pub y: f64,
    pub radius: f64,
}

/// How thick a ring is.
const THICKNESS: f64 = 44.0;

impl Circle {
    /// A point at a fraction of the circle, clockwise from its top.
    fn point(&self, fraction: f64, radius: f64) -> (f64, f64) {
        let angle = fraction * std::f64::consts::TAU;
        (self.x + radius * angle.sin(), self.y - radius * angle.cos())
    }

    /// The ring from one fraction to another.
    pub fn arc(&self, from: f64, to: f64, fill: &str) -> Path {
        // A whole circle as one arc would be none.
        let to = to.min(from + 0.99999);
        let (radius, inner) = (self.radius, self.radius - THICKNESS);
        let large = if to - from > 0.5 { 1 } else { 0 };
        let (a, b) = (self.point(from, radius), self.point(to, radius));
        let (c, d) = (self.point(to, inner), self.point(from, inner));
        let data = Data::new()
            .move_to(a)
            .elliptical_arc_to((radius, radius, 0, large, 1, b.0, b.1))
            .line_to(c)
            .elliptical_arc_to((inner, inner, 0, large, 0, d.0, d.1))
            .close();
        Path::new().set("d", data).set("fill", fill)
    }

    /// A line across the ring, which ends outside of it.
    pub fn tick(&self, fraction: f64, stroke: &str) -> Line {
        let from = self.point(fraction, self.radius - THICKNESS);
        let to = self.point(fraction, self.radius + 6.0);
        Line::new()
            .set("x1", from.0)
            .set("y1", from.1)
            .set("x2", to.0)
            .set("y2", to.1)
            .set("stroke", stroke)
            .set("stroke-width", 2)
    }

    /// Where words outside of the ring begin or end, so far from it, and which of the two.
    pub fn outside(&self, fraction: f64, gap: f64) -> (f64, f64, &'static str) {
        let (x, y) = self.point(fraction, self.radius + gap);
        let side = if x < self.x - 2.0 { "end" } else { "start" };
        // Words stand on their line: those above the ring are clear of it, those below have to go down.
        let down = 5.0 * (1.0 + (y - self.y) / (self.radius + gap));
        (x, y + down, side)
    }
}
