//! A person decides a task on the console, in English or in Dutch.

use super::machine::{Hardware, hosts, is_held, tasks};
use reqwest::{Client, Response, header};
use wacht_tests::house::{House, Options};
use wacht_tests::runtime;
use wacht_tests::wait::wait_until;

const PASSWORD: &str = "correct-horse-battery";

/// A browser with a session.
struct Browser {
    client: Client,
    base: String,
    cookie: String,
}

impl Browser {
    /// Adds a user and signs in.
    fn sign_in(house: &House, name: &str, language: &str) -> Self {
        let file = house.folder().join("password");
        std::fs::write(&file, PASSWORD).expect("a password");
        let path = file.to_str().expect("a path");
        house.cli(&["user", "add", name, "--duty", "administrator", "--password-file", path, "--language", language]);
        let root = std::fs::read(house.data().join("authority/root.pem")).expect("the root");
        let root = reqwest::Certificate::from_pem(&root).expect("a certificate");
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).tls_certs_only([root]);
        let (client, base) = (client.build().expect("a client"), format!("https://{}", house.addresses.console));
        let mut browser = Self { client, base, cookie: String::new() };
        let answer = browser.post("/sign-in", &format!("name={name}&password={PASSWORD}&next=/hosts"));
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("a cookie");
        cookie.split(';').next().unwrap_or_default().clone_into(&mut browser.cookie);
        browser
    }

    fn page(&self, path: &str) -> String {
        let request = self.client.get(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie);
        runtime().block_on(async { request.send().await.expect("an answer").text().await.expect("a page") })
    }

    fn post(&self, path: &str, form: &str) -> Response {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.to_owned());
        runtime().block_on(async { request.send().await.expect("an answer") })
    }
}

/// The address of the form of an act on the page.
fn form<'a>(page: &'a str, act: &str) -> &'a str {
    let actions = page.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    actions.into_iter().find(|action| action.ends_with(act)).unwrap_or_else(|| panic!("no form {act} in {page}"))
}

#[test]
fn a_person_gives_a_restored_image_back_and_tells_two_hosts_apart_in_their_own_language() {
    let Some(house) = House::start(Options::default()) else { return };
    let (english, dutch) = (Browser::sign_in(&house, "ann", "en"), Browser::sign_in(&house, "ben", "nl"));
    let mut machine = Hardware::desktop(1).enrol(&house);
    let stream = machine.report();
    drop(stream);
    // Its spool is an old one.
    machine.agent.sequence = 0;
    assert!(machine.agent.open().is_err());
    let (told, verteld) = (english.page("/hosts"), dutch.page("/hosts"));
    assert!(told.contains("Needs a decision") && told.contains("give the host back"), "{told}");
    assert!(verteld.contains("Vraagt een besluit") && verteld.contains("geef de host terug"), "{verteld}");
    assert_eq!(dutch.post(form(&verteld, "/dismiss"), "").status(), 303);
    wait_until("it is given back", 10, || !is_held(&house, machine.host()));
    assert!(!english.page("/hosts").contains("Needs a decision"));

    let claimant = Hardware::desktop(1).enrol(&house);
    assert_eq!((hosts(&house), tasks(&house).len()), (2, 1));
    let page = english.page("/hosts");
    assert!(page.contains("may be one machine") && page.contains("serial"), "{page}");
    assert_eq!(english.post(form(&page, "/merge"), "").status(), 409, "the older host was heard a moment ago");
    assert_eq!(english.post(form(&page, "/dismiss"), "").status(), 303);
    assert_eq!((tasks(&house).len(), claimant.host() == machine.host()), (0, false));
}
