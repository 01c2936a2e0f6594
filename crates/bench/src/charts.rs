//! Charts of the measurements, as SVG and PNG.

use crate::floors::ONE_FENCE;
use crate::measure::{Failure, Measurement};
use crate::peers::TOGETHER;
use crate::report;
use crate::threads::BARE;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{register_font, FontStyle};
use std::fs;
use std::path::Path;

/// A line for each log or floor: what an operation took, by what it was given.
struct Chart {
    /// Its file's name, without what tells the format.
    file: &'static str,
    title: &'static str,
    x: &'static str,
    lines: Vec<Line>,
}

/// Its name, and its points.
type Line = (String, Vec<(f64, f64)>);

const SIZE: (u32, u32) = (900, 520);

/// Told apart also by those who do not see all colours (Okabe and Ito's).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(0, 0, 0),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

const FONT: &str = "sans-serif";

/// Draws all charts that the measurements are enough for into `dir`.
pub fn draw(results: &[Measurement], dir: &Path) -> Result<(), Failure> {
    let machine = machine();
    let font = load_font();
    let charts = charts(results);
    if charts.is_empty() {
        report::say("these measurements are not enough for a chart");
    }
    for chart in charts {
        let svg = dir.join(chart.file).with_extension("svg");
        chart.draw(&SVGBackend::new(&svg, SIZE).into_drawing_area(), &machine)?;
        if font {
            let png = dir.join(chart.file).with_extension("png");
            chart.draw(
                &BitMapBackend::new(&png, SIZE).into_drawing_area(),
                &machine,
            )?;
        }
    }
    if !font {
        report::say("no font was found on this machine, so no PNG is drawn");
    }
    Ok(())
}

/// Whether charts can be written into `dir`: found out before it takes minutes to measure what is to be drawn.
pub fn try_directory(dir: &Path) -> Result<(), Failure> {
    let tried = tempfile::NamedTempFile::new_in(dir);
    tried.map(drop).map_err(|error| {
        format!(
            "--charts {}: no file can be created there: {error}",
            dir.display()
        )
        .into()
    })
}

fn charts(results: &[Measurement]) -> Vec<Chart> {
    let by_size = |file, title, ours, [bench, path]: [&str; 2]| Chart {
        file,
        title,
        x: "bytes appended, powers of 2",
        lines: lines(results, ours, |r| {
            let same = r.what.bench == bench && r.what.path == path && r.what.threads == 1;
            // Others would make it jagged: they are in the table.
            (same && r.what.bytes.is_power_of_two()).then_some(r.what.bytes as f64)
        }),
    };
    let mut charts = vec![
        by_size(
            "append-dax",
            "A durable append to a mapped file, non-temporal stores",
            "pmemlog",
            ["append", "dax"],
        ),
        by_size(
            "append-file",
            "A durable append to a file, fdatasync",
            "pmemlog",
            ["append", "file"],
        ),
        by_size(
            "record-file",
            "A durable record with a checksum in a file, fdatasync",
            "multilog",
            ["record", "file"],
        ),
        Chart {
            file: "record-threads",
            title: "A durable record of 64 bytes in a file, each thread appending, fdatasync",
            x: "threads",
            lines: lines(results, "multilog", |r| {
                let same = r.what.bench == "record" && r.what.path == "file" && r.what.bytes == 64;
                let other = r.versus == BARE || r.versus == TOGETHER;
                (same && other).then_some(r.what.threads as f64)
            }),
        },
        Chart {
            file: "commit-dax",
            title: "A commit of 64 bytes to each log that changes, of 4,096 logs",
            x: "logs that change",
            lines: lines(results, "multilog", |r| {
                let same = r.what.bench == "commit" && r.what.path == "dax" && r.what.logs == 4_096;
                let floor = r.versus == ONE_FENCE;
                (same && floor).then_some(r.what.changed as f64)
            }),
        },
    ];
    charts.retain(|chart| chart.lines.iter().any(|(_, line)| line.len() > 1));
    charts
}

/// The lines of what `x` says a place for: our own, and of each that it is compared with.
fn lines(
    results: &[Measurement],
    ours: &str,
    x: impl Fn(&Measurement) -> Option<f64>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for result in results {
        let Some(x) = x(result) else { continue };
        let mut put = |name: &str, ns| {
            let Some((_, line)) = lines.iter_mut().find(|line| line.0 == name) else {
                return lines.push((name.to_string(), vec![(x, ns)]));
            };
            if line.iter().all(|point| point.0 != x) {
                line.push((x, ns));
            }
        };
        put(ours, result.ns);
        put(&result.versus, result.theirs_ns());
    }
    lines
}

impl Chart {
    fn draw<D: DrawingBackend>(
        &self,
        area: &DrawingArea<D, Shift>,
        machine: &str,
    ) -> Result<(), Failure>
    where
        D::ErrorType: 'static,
    {
        let points = || self.lines.iter().flat_map(|(_, line)| line);
        let span = |of: fn(&(f64, f64)) -> f64| {
            let low = points().map(of).fold(f64::MAX, f64::min);
            let high = points().map(of).fold(0.0, f64::max);
            (low, high)
        };
        let (x_low, x_high) = span(|point| point.0);
        let (y_low, y_high) = span(|point| point.1);
        area.fill(&WHITE)?;
        let (top, bottom) = area.split_vertically(SIZE.1 - 30);
        bottom.draw(&Text::new(
            format!("Medians. {machine}"),
            (20, 4),
            (FONT, 14).into_font().color(&BLACK.mix(0.7)),
        ))?;
        let mut chart = ChartBuilder::on(&top)
            .caption(self.title, (FONT, 22))
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(
                (x_low..x_high * 1.05).log_scale().base(4.0),
                (y_low / 1.5..y_high * 1.5).log_scale(),
            )?;
        chart
            .configure_mesh()
            .x_desc(self.x)
            .y_desc("median time")
            .x_label_formatter(&|x| count(*x))
            .y_label_formatter(&|y| round(*y))
            .label_style((FONT, 15))
            .light_line_style(WHITE)
            .draw()?;
        // Ours is the first, drawn last.
        for (number, (name, line)) in self.lines.iter().enumerate().rev() {
            let style = COLOURS[number % COLOURS.len()].stroke_width(2);
            chart
                .draw_series(LineSeries::new(line.iter().copied(), style).point_size(3))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        }
        // Where the lines are not.
        let falls = |line: &[(f64, f64)]| line.first().map(|p| p.1) > line.last().map(|p| p.1);
        let legend = match self.lines.first() {
            Some((_, line)) if falls(line) => SeriesLabelPosition::UpperRight,
            _ => SeriesLabelPosition::UpperLeft,
        };
        chart
            .configure_series_labels()
            .position(legend)
            .label_font((FONT, 15))
            .background_style(WHITE.mix(0.9))
            .border_style(BLACK.mix(0.3))
            .draw()?;
        area.present()?;
        Ok(())
    }
}

/// A time that is a power of ten, more or less.
fn round(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.0} us", ns / 1e3),
        ns => format!("{:.0} ms", ns / 1e6),
    }
}

fn count(number: f64) -> String {
    match number as u64 {
        n if n >= 1 << 20 => format!("{} Mi", n >> 20),
        n if n >= 1 << 10 => format!("{} Ki", n >> 10),
        n => n.to_string(),
    }
}

/// What the figures were measured on.
pub fn machine() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = kernel.trim().split('-').next().unwrap_or_default();
    let processors = cpuinfo
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    format!("{model}, {processors} processors, Linux {release}")
}

/// Finds a font for bitmaps, which the viewer of an SVG does itself.
fn load_font() -> bool {
    let mut fonts = fontdb::Database::new();
    fonts.load_system_fonts();
    let families = [
        fontdb::Family::Name("DejaVu Sans"),
        fontdb::Family::SansSerif,
    ];
    let query = fontdb::Query {
        families: &families,
        ..fontdb::Query::default()
    };
    let any = || fonts.faces().next().map(|face| face.id);
    let face = fonts.query(&query).or_else(any);
    let bytes = face.and_then(|id| fonts.with_face_data(id, |data, _| data.to_vec()));
    // It is used until the program ends.
    bytes.is_some_and(|bytes| register_font(FONT, FontStyle::Normal, bytes.leak()).is_ok())
}
