use std::fmt::Write;

use super::Summary;

const FONT: &str = "font-family=\"sans-serif\" font-size=\"11\"";
const COLOURS: [&str; 8] = [
    "#1b6ca8", "#c8553d", "#588157", "#8e5572", "#d4a017", "#4a4e69", "#2a9d8f", "#9c6644",
];

/// Ratios to native as bars with their quartiles, a row for each with its name.
pub fn bars(title: &str, rows: &[(String, Summary)]) -> String {
    const ROW: usize = 16;
    const LEFT: f64 = 300.0;
    const UNIT: f64 = 240.0;
    const MOST: f64 = 2.0;
    let height = 60 + rows.len() * ROW;
    let width = LEFT + MOST * UNIT + 60.0;
    let x = |ratio: f64| LEFT + ratio.clamp(0.0, MOST) * UNIT;
    let mut svg = open(width, height as f64, title);
    for tick in [0.0, 0.5, 1.0, 1.5, 2.0] {
        let (x, bottom) = (x(tick), height - 22);
        let colour = if tick == 1.0 { "#333" } else { "#ddd" };
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{x}\" y1=\"30\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"{colour}\"/>"
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" {FONT}>{tick}</text>",
                height - 8
            ),
        );
    }
    for (row, (name, ratio)) in rows.iter().enumerate() {
        let y = (36 + row * ROW) as f64;
        let middle = y + 5.0;
        let colour = if ratio.median > 1.05 {
            COLOURS[1]
        } else {
            COLOURS[0]
        };
        put(
            &mut svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" {FONT}>{name}</text>",
                LEFT - 8.0,
                y + 9.0
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{}\" height=\"10\" fill=\"{colour}\"/>",
                x(ratio.median) - LEFT
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{}\" y1=\"{middle}\" x2=\"{}\" y2=\"{middle}\" stroke=\"#000\"/>",
                x(ratio.low),
                x(ratio.high)
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" {FONT}>{:.2}</text>",
                x(ratio.high.max(ratio.median)) + 4.0,
                y + 9.0,
                ratio.median
            ),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// One line of a plot.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it shows.
    pub name: String,
    /// Across and up.
    pub points: Vec<(f64, f64)>,
}

/// Lines over two logarithmic axes.
pub fn lines(title: &str, across: &str, up: &str, series: &[Series]) -> String {
    const WIDTH: f64 = 760.0;
    const HEIGHT: f64 = 420.0;
    const LEFT: f64 = 70.0;
    const RIGHT: f64 = 240.0;
    let points = || series.iter().flat_map(|series| &series.points);
    let top = points()
        .map(|point| point.1)
        .fold(10.0, f64::max)
        .log10()
        .ceil();
    let bottom = points()
        .map(|point| point.1)
        .fold(f64::MAX, f64::min)
        .max(1.0)
        .log10()
        .floor();
    let last = points()
        .map(|point| point.0)
        .fold(10.0, f64::max)
        .log10()
        .ceil();
    let x = |value: f64| LEFT + value.max(1.0).log10() / last * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| {
        let share = (value.max(1.0).log10() - bottom) / (top - bottom).max(1.0);
        HEIGHT - 50.0 - share * (HEIGHT - 90.0)
    };
    let mut svg = open(WIDTH, HEIGHT, title);
    for power in 0..=last as i32 {
        let x = x(10_f64.powi(power));
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{x}\" y1=\"40\" x2=\"{x}\" y2=\"{}\" stroke=\"#eee\"/>",
                HEIGHT - 50.0
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" {FONT}>10^{power}</text>",
                HEIGHT - 34.0
            ),
        );
    }
    for power in bottom as i32..=top as i32 {
        let y = y(10_f64.powi(power));
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"#ddd\"/>",
                WIDTH - RIGHT
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" {FONT}>10^{power}</text>",
                LEFT - 6.0,
                y + 4.0
            ),
        );
    }
    put(
        &mut svg,
        format_args!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" {FONT}>{across}</text>",
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 12.0
        ),
    );
    put(
        &mut svg,
        format_args!("<text x=\"{LEFT}\" y=\"34\" {FONT}>{up}</text>"),
    );
    for (index, series) in series.iter().enumerate() {
        let colour = COLOURS[index / 2 % COLOURS.len()];
        let dash = if index % 2 == 0 {
            " stroke-dasharray=\"5 3\""
        } else {
            ""
        };
        let path: Vec<String> = series
            .points
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
            .collect();
        put(
            &mut svg,
            format_args!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"{dash}/>",
                path.join(" ")
            ),
        );
        let y = 48.0 + index as f64 * 16.0;
        let x = WIDTH - RIGHT + 16.0;
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"1.5\"{dash}/>",
                x + 22.0
            ),
        );
        put(
            &mut svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" {FONT}>{}</text>",
                x + 28.0,
                y + 4.0,
                series.name
            ),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn open(width: f64, height: f64, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"18\" font-family=\"sans-serif\" font-size=\"13\" font-weight=\"bold\">{title}</text>\n"
    )
}

fn put(svg: &mut String, element: std::fmt::Arguments<'_>) {
    // A `String` takes everything.
    writeln!(svg, "{element}").ok();
}
