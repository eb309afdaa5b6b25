//! Which certificates the servers of this machine are set up with: the paths that their configurations name. Only the
//! words that name a certificate are looked for; what else a configuration says is not understood.

use std::collections::BTreeMap;

use crate::inventory::notes::Notes;
use crate::inventory::pattern::expand;
use crate::inventory::root::Root;

/// Paths that are taken from all configurations together.
const PATHS_MAX: usize = 1_000;

/// One server: its configurations, the words before a certificate's path, and where its relative paths begin.
struct Server {
    name: &'static str,
    files: &'static [&'static str],
    words: &'static [&'static str],
    home: &'static str,
}

const SERVERS: &[Server] = &[
    Server {
        name: "nginx",
        files: &[
            "etc/nginx/nginx.conf",
            "etc/nginx/conf.d/*.conf",
            "etc/nginx/sites-enabled/*",
            "etc/nginx/snippets/*.conf",
        ],
        words: &["ssl_certificate"],
        home: "etc/nginx",
    },
    Server {
        name: "apache2",
        files: &[
            "etc/apache2/apache2.conf",
            "etc/apache2/httpd.conf",
            "etc/apache2/conf-enabled/*.conf",
            "etc/apache2/sites-enabled/*",
            "etc/apache2/vhosts.d/*.conf",
        ],
        words: &["sslcertificatefile"],
        home: "etc/apache2",
    },
    Server {
        name: "httpd",
        files: &["etc/httpd/conf/httpd.conf", "etc/httpd/conf.d/*.conf"],
        words: &["sslcertificatefile"],
        home: "etc/httpd",
    },
    Server {
        name: "postfix",
        files: &["etc/postfix/main.cf", "etc/postfix/master.cf"],
        words: &["smtpd_tls_cert_file", "smtpd_tls_eccert_file", "smtpd_tls_chain_files"],
        home: "etc/postfix",
    },
    Server {
        name: "dovecot",
        files: &["etc/dovecot/dovecot.conf", "etc/dovecot/local.conf", "etc/dovecot/conf.d/*.conf"],
        words: &["ssl_cert", "ssl_server_cert_file"],
        home: "etc/dovecot",
    },
    Server {
        name: "haproxy",
        files: &["etc/haproxy/haproxy.cfg", "etc/haproxy/conf.d/*.cfg"],
        words: &["crt"],
        home: "etc/haproxy",
    },
    Server {
        name: "exim",
        files: &["etc/exim4/*.conf*", "etc/exim/exim.conf"],
        words: &["tls_certificate"],
        home: "etc",
    },
    Server {
        name: "vsftpd",
        files: &["etc/vsftpd.conf", "etc/vsftpd/vsftpd.conf"],
        words: &["rsa_cert_file"],
        home: "etc",
    },
    Server {
        name: "postgresql",
        files: &["etc/postgresql/*/main/postgresql.conf", "var/lib/pgsql/data/postgresql.conf"],
        words: &["ssl_cert_file"],
        home: "var/lib/pgsql/data",
    },
    Server {
        name: "mysql",
        files: &["etc/my.cnf", "etc/my.cnf.d/*.cnf", "etc/mysql/my.cnf", "etc/mysql/*.conf.d/*.cnf"],
        words: &["ssl-cert", "ssl_cert"],
        home: "var/lib/mysql",
    },
];

/// The servers by the file or folder that they name, from the root.
pub fn named(root: &Root, notes: &mut Notes) -> BTreeMap<String, Vec<&'static str>> {
    let mut named: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for server in SERVERS {
        for file in server.files.iter().flat_map(|pattern| expand(root, pattern, notes)).collect::<Vec<_>>() {
            for path in paths(&root.text(&file, notes).unwrap_or_default(), server.words, server.home) {
                if named.len() >= PATHS_MAX {
                    return named;
                }
                let servers = named.entry(path).or_default();
                if !servers.contains(&server.name) {
                    servers.push(server.name);
                }
            }
        }
    }
    named
}

/// The word after each of `words`, whatever stands between them: `ssl_cert = </etc/…`, `SSLCertificateFile "/etc/…"`,
/// `bind :443 ssl crt /etc/…`.
fn paths(text: &str, words: &[&str], home: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        let line = line.split(" #").next().unwrap_or_default();
        let apart = |c: char| c.is_whitespace() || matches!(c, '=' | ';' | '{' | '}' | '<' | '"' | '\'' | ',');
        let mut parts = line.split(apart).filter(|part| !part.is_empty());
        while let Some(part) = parts.next() {
            if words.iter().any(|word| part.eq_ignore_ascii_case(word)) {
                paths.extend(parts.next().and_then(|path| rooted(path, home)));
            }
        }
    }
    paths
}

/// A path from the root. One that holds a variable is known to the server alone.
fn rooted(path: &str, home: &str) -> Option<String> {
    let plain = path.len() <= 256 && !path.contains(['$', '%']) && !path.split('/').any(|part| part == "..");
    let rooted = path.strip_prefix('/').map_or_else(|| format!("{home}/{path}"), str::to_owned);
    plain.then(|| rooted.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificates_of_every_manner_of_configuration_are_found() {
        let found = |text: &str, word: &str| paths(text, &[word], "etc/x");
        let nginx = "server { listen 443 ssl; ssl_certificate /etc/a.pem; ssl_certificate_key /etc/a.key; }
  ssl_certificate \"certs/b.pem\"; # the other\n#ssl_certificate /etc/c.pem;\nssl_certificate $chosen;\n";
        assert_eq!(found(nginx, "ssl_certificate"), ["etc/a.pem", "etc/x/certs/b.pem"]);
        assert_eq!(found("  SSLCertificateFile  /etc/a.crt\n", "sslcertificatefile"), ["etc/a.crt"]);
        assert_eq!(
            found("smtpd_tls_cert_file=/etc/a.pem\nsmtpd_tls_cert_file =\n", "smtpd_tls_cert_file"),
            ["etc/a.pem"]
        );
        assert_eq!(found("ssl_cert = </etc/a.pem\nssl_cert_username_field = x\n", "ssl_cert"), ["etc/a.pem"]);
        let haproxy = "  bind :443 ssl crt /etc/haproxy/certs/ crt /etc/a.pem alpn h2\n";
        assert_eq!(found(haproxy, "crt"), ["etc/haproxy/certs", "etc/a.pem"]);
        assert!(found("crt ../../etc/shadow\ncrt", "crt").is_empty());
    }
}
