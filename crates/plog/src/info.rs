//! `plog info`.

use crate::failure::Failure;
use crate::logs::{self, Logs};
use crate::output;
use clap::Args;
use multilog::{AnyRegion, Durability, Stores};
use serde::{Serialize, Serializer};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show where the logs stand
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// The file with the logs
    file: PathBuf,
    /// As JSON: {"id","region_len","device","stores","survives","logs":[{"head","tail","capacity","free"}]}
    #[arg(long)]
    json: bool,
}

/// What is said about a file. Positions and sizes are in bytes.
#[derive(Serialize)]
struct FileReport {
    id: String,
    region_len: u64,
    /// "file", which is written and synced, or "dax", which is mapped.
    device: &'static str,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "stores_name"
    )]
    stores: Option<Stores>,
    #[serde(serialize_with = "durability_name")]
    survives: Durability,
    logs: Vec<LogReport>,
}

#[derive(Serialize)]
struct LogReport {
    head: u64,
    tail: u64,
    capacity: u64,
    free: u64,
}

pub fn run(args: &InfoArgs) -> Result<ExitCode, Failure> {
    let logs = logs::open_to_read(&args.file)?;
    let report = report(&logs);
    if args.json {
        output::write_json(&report)?;
    } else {
        output::write(table(&report).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(logs: &Logs) -> FileReport {
    let infos = (0..logs.log_count()).filter_map(|log| logs.info(log));
    let (device, stores) = match logs.region() {
        AnyRegion::File(_) => ("file", None),
        AnyRegion::Dax(region) => ("dax", Some(region.stores())),
    };
    FileReport {
        id: logs.region_id().to_string(),
        region_len: logs.region_len(),
        device,
        stores,
        survives: logs.region().durability(),
        logs: infos
            .map(|info| LogReport {
                head: info.head,
                tail: info.tail,
                capacity: info.capacity,
                free: info.free,
            })
            .collect(),
    }
}

fn stores_name<S: Serializer>(stores: &Option<Stores>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match stores {
        Some(Stores::NonTemporal) => "non-temporal",
        Some(Stores::Clwb) => "clwb",
        Some(Stores::Clflushopt) => "clflushopt",
        Some(Stores::Clflush) => "clflush",
        Some(Stores::Ordinary) | None => "ordinary",
    })
}

fn durability_name<S: Serializer>(durability: &Durability, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match durability {
        Durability::PowerCut => "power cut",
        Durability::ProcessCrash => "process crash",
    })
}

fn table(report: &FileReport) -> String {
    let device = match &report.stores {
        None => "a file, written and synced".to_string(),
        Some(stores) => format!("persistent memory, mapped, by {stores}"),
    };
    let mut text = format!(
        "id        {}\nlength    {} bytes\ndevice    {device}\nsurvives  {}\n\n",
        report.id, report.region_len, report.survives
    );
    let mut rows = vec![["log", "head", "tail", "capacity", "free"].map(String::from)];
    rows.extend(
        report.logs.iter().enumerate().map(|(log, r)| {
            [log as u64, r.head, r.tail, r.capacity, r.free].map(|n| n.to_string())
        }),
    );
    let widths: [usize; 5] =
        std::array::from_fn(|k| rows.iter().map(|row| row[k].len()).max().unwrap_or(0));
    for row in rows {
        for (k, cell) in row.iter().enumerate() {
            let gap = if k == 0 { "" } else { "  " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{gap}{cell:>width$}", width = widths[k]);
        }
        text.push('\n');
    }
    text
}
