//! FTP log-ins (RFC 959).

use crate::rng::Rng;
use crate::talk::{CLIENT, Ending, SERVER, Step};
use crate::time::MILLI;
use crate::wire::Message;

/// A connection that tries `attempts` passwords, all of them wrong.
pub(crate) fn failed_logins(rng: &mut Rng, attempts: usize) -> Vec<Step> {
    const USERS: [&str; 5] = ["admin", "root", "test", "ftp", "backup"];
    let say = |side, text: String| Step::Say(side, Message::literal(text));
    let mut steps = vec![say(SERVER, "220 ProFTPD Server ready.\r\n".into())];
    for _ in 0..attempts {
        let user = rng.pick(&USERS);
        let digits = rng.size(1, 9);
        steps.push(say(CLIENT, format!("USER {user}\r\n")));
        steps.push(say(SERVER, format!("331 Password required for {user}\r\n")));
        steps.push(say(
            CLIENT,
            format!("PASS {user}{:0digits$}\r\n", rng.between(0, 9_999)),
        ));
        steps.push(Step::Wait(rng.between(300, 1_900) * MILLI));
        steps.push(say(SERVER, "530 Login incorrect.\r\n".into()));
    }
    steps.push(say(CLIENT, "QUIT\r\n".into()));
    steps.push(say(SERVER, "221 Goodbye.\r\n".into()));
    steps.push(Step::Close(Ending::Finish(SERVER)));
    steps
}
