//! What the picture is made of: boxes, words and arcs, from top to bottom.

use svg::node::element::path::Data;
use svg::node::element::{Group, Path, Rectangle, Text};
use svg::{Document, Node};

/// Of words.
pub const INK: &str = "#1f2933";
/// Of words that matter less.
pub const PALE: &str = "#616e7c";
/// Of what is sound, and of bytes in use.
pub const SOUND: &str = "#3e7cb1";
/// Of the idle copy where it is as the live one.
pub const SETTLED: &str = "#b8d0e6";
/// Of the idle copy where it is behind.
pub const BEHIND: &str = "#f0c04c";
/// Of what a commit wrote that did not happen.
pub const UNCOMMITTED: &str = "#9b72cf";
/// Of what is torn, in the idle copy.
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

/// A part of a ring around (`x`, `y`): from one fraction of the circle, clockwise from its top, to another.
pub fn arc(x: f64, y: f64, radius: f64, from: f64, to: f64, fill: &str) -> Path {
    let thickness = 44.0;
    // A whole circle as one arc would be none.
    let to = to.min(from + 0.99999);
    let point = |fraction: f64, radius: f64| {
        let angle = fraction * std::f64::consts::TAU;
        (x + radius * angle.sin(), y - radius * angle.cos())
    };
    let inner = radius - thickness;
    let large = if to - from > 0.5 { 1 } else { 0 };
    let ((ax, ay), (bx, by)) = (point(from, radius), point(to, radius));
    let ((cx, cy), (dx, dy)) = (point(to, inner), point(from, inner));
    let data = Data::new()
        .move_to((ax, ay))
        .elliptical_arc_to((radius, radius, 0, large, 1, bx, by))
        .line_to((cx, cy))
        .elliptical_arc_to((inner, inner, 0, large, 0, dx, dy))
        .close();
    Path::new().set("d", data).set("fill", fill)
}

/// Where the tip of a mark outside of a ring is, and on which side its words go.
pub fn outside(x: f64, y: f64, radius: f64, fraction: f64) -> (f64, f64, &'static str) {
    let angle = fraction * std::f64::consts::TAU;
    let anchor = if angle.sin() < -0.01 { "end" } else { "start" };
    (x + radius * angle.sin(), y - radius * angle.cos(), anchor)
}
