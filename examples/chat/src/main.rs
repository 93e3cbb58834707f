//! The chat: a server on any of the runtimes, a crowd that loads it, and the two together at a scale.

use std::env;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Instant;

use anyrt_chat::load::{Crowd, Heard, Plan};
use anyrt_chat::scale::{self, Scale, Way};
use anyrt_core::{BlockOn, Config, Launch};

const USAGE: &str = "\
Usage:

  chat serve WAY ADDRESS [--shared-port]
      serves until ctrl-c; talk to it with `nc`: `join ROOM`, `say TEXT`, `quit`
  chat load ADDRESS FROM USERS ROOM LINES RATE
      a crowd in this process, which connects from the address FROM
  chat scale USERS [--lines N] [--rate N] [--rounds N] [--way WAY]...
      servers and crowds in processes of their own, every way after the other; prints a table and writes JSON
  chat simulate USERS LINES SEED
      server and users in this process, over a simulated network; writes JSON
  chat document FILE...
      writes docs/chat.md, docs/chat.json and the plots from what the others wrote

WAY is tokio, smol, async-std, tokio-by-hand or async-net-by-hand.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match &arguments[..] {
        ["serve", way, address] => serve(way, address, false),
        ["serve", way, address, "--shared-port"] => serve(way, address, true),
        ["load", numbers @ ..] => load(numbers),
        ["simulate", users, lines, seed] => simulated(users, lines, seed),
        ["document", files @ ..] => scale::document(files),
        ["scale", users, options @ ..] => scale(users, options),
        _ => Err(bad(USAGE)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn serve(way: &str, address: &str, is_shared: bool) -> io::Result<()> {
    let (way, address) = (parse::<Way>(way)?, parse::<SocketAddr>(address)?);
    let (visitors, addressed) = scale::run_server(way, address, is_shared, |addr| {
        tell(&format!("listening {addr}"))
    })?;
    tell(&format!("served {visitors} {addressed}"))
}

fn load(numbers: &[&str]) -> io::Result<()> {
    let [address, from, users, room, lines, rate] = numbers else {
        return Err(bad(USAGE));
    };
    let mut plan = Plan::new(parse(address)?, parse(users)?);
    (plan.from, plan.room) = (parse(from)?, parse(room)?);
    (plan.lines, plan.rate) = (parse(lines)?, parse(rate)?);
    let config = Config::new().worker_threads(2);
    let owner = anyrt_tokio::Owned::launch(config).map_err(io::Error::other)?;
    owner.block_on(async {
        let name = std::process::id().to_string();
        let mut crowd = Crowd::connect(owner.handle(), plan, &name).await?;
        tell("ready")?;
        // Whoever started this process says when. Nothing else is to be done meanwhile.
        io::stdin().read_line(&mut String::new())?;
        let took = crowd.talk().await?;
        tell(&format!(
            "talked {} {}",
            took.as_secs_f64(),
            crowd.latency()
        ))?;
        let expected = crowd.expected();
        let heard = crowd.listen().await;
        let sum = |count: fn(&Heard) -> usize| heard.iter().map(count).sum::<usize>();
        let (lines, wrong) = (sum(|heard| heard.lines), sum(|heard| heard.wrong));
        let byes = sum(|heard| usize::from(heard.bye));
        tell(&format!("heard {expected} {lines} {wrong} {byes}"))
    })
}

fn simulated(users: &str, lines: &str, seed: &str) -> io::Result<()> {
    let (users, begun) = (parse(users)?, Instant::now());
    let run = anyrt_chat::simulate(users, parse(lines)?, parse(seed)?)?;
    let took = begun.elapsed();
    println!("{run:?}\nin {:.1} s", took.as_secs_f64());
    if run.heard != run.expected || run.byes != users {
        return Err(io::Error::other("not everybody heard everything"));
    }
    let file = scale::write_simulated(users, &run, took)?;
    println!("{}", file.display());
    Ok(())
}

fn scale(users: &str, options: &[&str]) -> io::Result<()> {
    let mut scale = Scale::new(env::current_exe()?, parse(users)?);
    let mut ways = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let mut value = || options.next().ok_or_else(|| bad(USAGE));
        match *option {
            "--lines" => scale.lines = parse(value()?)?,
            "--rate" => scale.rate = parse(value()?)?,
            "--rounds" => scale.rounds = parse(value()?)?,
            "--way" => ways.push(parse(value()?)?),
            other => return Err(bad(&format!("unknown option `{other}`\n{USAGE}"))),
        }
    }
    if !ways.is_empty() {
        scale.ways = ways;
    }
    let rows = scale.run(|row| println!("{row}"))?;
    println!("{}", scale::table(&rows));
    let file = scale::write_json(&rows)?;
    println!("{}", file.display());
    Ok(())
}

fn parse<T: std::str::FromStr<Err: ToString>>(text: &str) -> io::Result<T> {
    text.parse()
        .map_err(|error: T::Err| bad(&format!("`{text}`: {}", error.to_string())))
}

fn bad(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Tells whoever started this process, at once.
fn tell(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
