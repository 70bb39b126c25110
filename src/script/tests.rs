//! Scripts and what they print, through one helper.

use std::collections::BTreeMap;

use super::*;

/// A host with a few programs of its own, enough to test the shell without `programs`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TestHost {
    now: u64,
    files: Tree,
    next: u64,
    running: BTreeMap<u64, (Vec<ecow::EcoString>, u64)>,
    random: u32,
}

impl Host for TestHost {
    fn now_ms(&self) -> u64 {
        self.now
    }

    fn files(&mut self) -> &mut dyn FileSystem {
        &mut self.files
    }

    fn start(&mut self, start: Start<'_>) -> Result<ProcessId, StartError> {
        let name = start.argv[0].as_str();
        if self.find_program(name).is_none() {
            return Err(StartError::NotFound);
        }
        self.next += 1;
        let mut argv = start.argv.to_vec();
        if name == "env" {
            argv.extend(start.env.iter().map(|(key, value)| ecow::eco_format!("{key}={value}")));
        }
        self.running.insert(self.next, (argv, self.now));
        Ok(self.next)
    }

    fn poll(&mut self, process: ProcessId, io: &mut Io) -> Poll {
        let (argv, began) = self.running[&process].clone();
        let argv: Vec<&str> = argv.iter().map(|word| word.as_str()).collect();
        match argv.as_slice() {
            ["cat"] => {
                let bytes = io.stdin.take_all();
                io.output.write(Stream::Out, &bytes);
                if io.stdin.closed { Poll::Exited(0) } else { Poll::Running { until: None } }
            }
            ["cat", paths @ ..] => {
                for path in paths {
                    match self.files.read(&files::absolute("/home", path)) {
                        Ok(bytes) => io.output.write(Stream::Out, &bytes),
                        Err(error) => io.output.err(&format!("cat: {path}: {error}\n")),
                    }
                }
                Poll::Exited(0)
            }
            ["sleep", seconds] => {
                let until = began + (seconds.parse::<f64>().unwrap() * 1000.0) as u64;
                if until <= self.now {
                    Poll::Exited(0)
                } else {
                    Poll::Running { until: Some(until) }
                }
            }
            ["seq", last] => {
                for number in 1..=last.parse::<u32>().unwrap() {
                    io.output.out(&format!("{number}\n"));
                }
                Poll::Exited(0)
            }
            ["yes"] => {
                io.output.out(&"y\n".repeat(io.room / 2));
                Poll::Running { until: None }
            }
            ["first"] => match io.stdin.take_line() {
                Some(line) => {
                    io.output.write(Stream::Out, &line);
                    Poll::Exited(0)
                }
                None if io.stdin.at_end() => Poll::Exited(0),
                None => Poll::Running { until: None },
            },
            ["env", rest @ ..] => {
                rest.iter().for_each(|line| io.output.out(&format!("{line}\n")));
                Poll::Exited(0)
            }
            ["run", rest @ ..] => match io.finished.take() {
                Some(done) => Poll::Exited(done.code),
                None => Poll::Run(Run {
                    argv: rest.iter().map(|word| (*word).into()).collect(),
                    env: None,
                    stdin: None,
                    capture: false,
                }),
            },
            _ => Poll::Exited(1),
        }
    }

    fn kill(&mut self, _: ProcessId, _: Signal) -> Delivery {
        Delivery::Default
    }

    fn forget(&mut self, process: ProcessId) {
        self.running.remove(&process);
    }

    fn find_program(&mut self, name: &str) -> Option<ecow::EcoString> {
        let known = ["cat", "sleep", "seq", "yes", "first", "env", "run", "sh", "bash"];
        known.contains(&name).then(|| ecow::eco_format!("/bin/{name}"))
    }

    fn random(&mut self) -> u32 {
        self.random += 1;
        self.random
    }
}

fn host() -> TestHost {
    let mut files = Tree::with_files(&[
        ("/home/a.txt", "alpha\n"),
        ("/home/b.txt", "beta\n"),
        ("/home/sub/c.yaml", "c: 1\n"),
    ]);
    files.make_dirs("/tmp", 0);
    TestHost { now: 1_000_000, files, next: 0, running: BTreeMap::new(), random: 0 }
}

fn settings(flavour: Flavour) -> Settings {
    let env = [("HOME", "/root"), ("PATH", "/bin"), ("HOSTNAME", "web-0")];
    Settings {
        flavour,
        cwd: "/home".into(),
        env: env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        ..Settings::default()
    }
}

/// Runs a machine to its end, letting time pass; both streams, and `[exit N]` unless 0.
///
/// At every step the machine is compared with a clone taken before.
fn run(mut machine: Machine, mut host: TestHost, end: u64) -> String {
    let mut out = String::new();
    loop {
        let (mut twin, mut twin_host) = (machine.clone(), host.clone());
        let step = machine.step(&mut host);
        assert_eq!(twin.step(&mut twin_host), step);
        assert_eq!(twin, machine);
        out.push_str(&machine.take_output().both());
        match step {
            Step::Exited(0) | Step::Idle => return out,
            Step::Exited(code) => return format!("{out}[exit {code}]\n"),
            Step::Blocked { until: Some(until) } if until <= host.now + end => host.now = until,
            Step::Blocked { .. } => return format!("{out}[blocked]\n"),
        }
    }
}

#[track_caller]
fn check(script: &str, expected: &str) {
    let mut machine = Machine::script(
        script,
        &["name".into(), "one".into(), "two words".into()],
        settings(Flavour::Gnu),
    );
    machine.close_input();
    assert_eq!(run(machine, host(), 100_000), expected, "of {script}");
}

#[track_caller]
fn check_sh(script: &str, expected: &str) {
    let mut machine = Machine::script(script, &[], settings(Flavour::Busybox));
    machine.close_input();
    assert_eq!(run(machine, host(), 100_000), expected, "of {script}");
}

#[track_caller]
fn check_lines(lines: &[&str], expected: &str) {
    let mut machine = Machine::interactive(settings(Flavour::Gnu));
    machine.close_input();
    let mut host = host();
    let mut out = String::new();
    for line in lines {
        if machine.feed(line) == Feed::NeedMore {
            out.push_str("> ");
            continue;
        }
        loop {
            let step = machine.step(&mut host);
            out.push_str(&machine.take_output().both());
            match step {
                Step::Blocked { until: Some(until) } => host.now = until,
                _ => break,
            }
        }
    }
    assert_eq!(out, expected, "of {lines:?}");
}

#[test]
fn words_are_quoted_and_split() {
    check(r#"x="a  b"; echo $x "$x" '$x' \$x $'t\tn'"#, "a b a  b $x $x t\tn\n");
    check(
        r#"for i in a "b c" $0 "$@"; do echo "[$i]"; done"#,
        "[a]\n[b c]\n[name]\n[one]\n[two words]\n",
    );
    check(r#"set --; echo $# "$@" end"#, "0 end\n");
    check(r#"IFS=:; x=a::b; for i in $x; do echo "<$i>"; done"#, "<a>\n<>\n<b>\n");
    check(r#"echo a"b"'c'\ d ~ ~/x "~""#, "abc d /root /root/x ~\n");
    check(
        "echo {1..3} {a,b}{1,2} {01..03} x{,y} '{1..3}'",
        "1 2 3 a1 a2 b1 b2 01 02 03 x xy {1..3}\n",
    );
    check("echo *.txt */*.yaml nope* '*'", "a.txt b.txt sub/c.yaml nope* *\n");
    check("echo \"a\\\nb\" c\\\nd", "ab cd\n");
    check("echo one # two\necho a#b", "one\na#b\n");
}

#[test]
fn parameters_expand() {
    check(
        "x=web-12; echo ${x#*-} ${x%-*} ${#x} ${x/web/db} ${x//[0-9]/n}",
        "12 web 6 db-12 web-nn\n",
    );
    check("unset x; echo ${x:-d} ${x-d} ${x:=s} $x ${x:+set}", "d d s s set\n");
    check("x=; echo [${x-d}] [${x:-d}] ${x:-\"a  b\"}", "[] [d] a  b\n");
    check(
        "p=/a/b/c.tar.gz; echo ${p##*/} ${p%%.*} ${p%.*} ${p#*/}",
        "c.tar.gz /a/b/c /a/b/c.tar a/b/c.tar.gz\n",
    );
    check("x=hello; echo ${x:1:3} ${x: -3} ${x:2} ${x^} ${x^^}", "ell llo llo Hello HELLO\n");
    check("h=web-3; [[ $h =~ -([0-9]+)$ ]] || exit 1; echo ${BASH_REMATCH[1]}", "3\n");
    check(
        "a=(x y 'z w'); a+=(q); echo ${#a[@]} ${a[2]} \"${a[@]:1:2}\"; for i in \"${a[@]}\"; do echo $i; done",
        "4 z w y z w\nx\ny\nz w\nq\n",
    );
    check(
        "declare -A m; m[a]=1; m[b]=2; for k in \"${!m[@]}\"; do echo $k=${m[$k]}; done",
        "a=1\nb=2\n",
    );
    check("n=x; x=5; echo ${!n} ${x@Q}", "5 '5'\n");
    check("echo ${1:-none} ${9:-none} $# ${*}", "one none 2 one two words\n");
    check("set -u; echo $nope", "bash: line 1: nope: unbound variable\n[exit 127]\n");
    check("echo ${x:?}; echo no", "bash: line 1: x: parameter null or not set\n[exit 127]\n");
    check("echo ${x:?is missing}", "bash: line 1: x: is missing\n[exit 127]\n");
    check("echo ${x!y}", "bash: line 1: ${x!y}: bad substitution\n[exit 1]\n");
}

#[test]
fn arithmetic_works() {
    check(
        "echo $((3 + 2 * 4)) $(( (3+2)*4 )) $((7/2)) $((7%3)) $((2**10)) $((1<<4))",
        "11 20 3 1 1024 16\n",
    );
    check("i=5; echo $((i++)) $i $((++i)) $((i+=3)) $i $((i>3?1:0))", "5 6 7 10 10 1\n");
    check(
        "HOSTNAME=mysql-2; echo $((100 + ${HOSTNAME##*-})) $(( 3 + 2 * ${HOSTNAME##*-} ))",
        "102 7\n",
    );
    check("echo $((0x1f)) $((010)) $((-3)) $((!0)) $((~0)) $((1,2))", "31 8 -3 1 -1 2\n");
    check("i=0; while ((i<3)); do ((i++)); done; echo $i; let i+=2; echo $i", "3\n5\n");
    check("for ((i=0;i<3;i++)); do [ $i = 1 ] && continue; echo $i; done", "0\n2\n");
    check(
        "echo $((1/0)); echo here",
        "bash: line 1: 1/0: division by 0 (error token is \"0\")\n[exit 1]\n",
    );
    check(
        "echo $((1+))",
        "bash: line 1: 1+: syntax error: operand expected (error token is \"+\")\n[exit 1]\n",
    );
}

#[test]
fn substitutions_run() {
    check("echo $(echo a; echo b) `echo c` \"$(echo ' d ')\"", "a b c  d \n");
    check("x=$(exit 3); echo $?; echo \"$(echo \"$(echo deep)\")\"", "3\ndeep\n");
    check("for i in $(seq 3); do echo $i; done", "1\n2\n3\n");
    check("i=0; x=$((i++))$(echo a)$((i++)); echo $x $i", "0a1 2\n");
    check("cat <(echo a) <(echo b)", "a\nb\n");
    check("echo $(cat <<EOF\nhi $((1+1))\nEOF\n)", "hi 2\n");
    check(
        "[[ `echo web-7` =~ -([0-9]+)$ ]] || exit 1\nordinal=${BASH_REMATCH[1]}\necho server-id=$((100 + $ordinal))",
        "server-id=107\n",
    );
}

#[test]
fn pipelines_stream_and_end() {
    check("echo a | cat | cat", "a\n");
    check("yes | first", "y\n");
    check("while :; do echo y; done | first", "y\n");
    check("seq 3 | while read n; do echo \"<$n>\"; done", "<1>\n<2>\n<3>\n");
    check(
        "false | true; echo $? ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?",
        "0 1 0\n1\n",
    );
    check("! true; echo $?; ! false | false; echo $?", "1\n0\n");
    check("(echo out; echo err >&2) 2>&1 | cat", "out\nerr\n");
    check("{ echo a; echo b; } | { read x; read y; echo $y$x; }", "ba\n");
    check("echo a |& cat", "a\n");
}

#[test]
fn redirections_apply() {
    check("echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f", "a\nb\n");
    check("cat <<EOF\n$HOME `echo x` \\$y\nEOF", "/root x $y\n");
    check("cat <<'EOF'\n$HOME\nEOF\necho after", "$HOME\nafter\n");
    check("cat <<-EOF\n\tindented\n\tEOF\ncat <<< \"here $HOME\"", "indented\nhere /root\n");
    check("cat <<A; cat <<B\n1\nA\n2\nB", "1\n2\n");
    check("echo x > /nope/y; echo $?", "bash: line 1: /nope/y: No such file or directory\n1\n");
    check("cat < nope", "bash: line 1: nope: No such file or directory\n[exit 1]\n");
    check(
        "echo gone > /dev/null; echo e 1>&2 2>/dev/null; nosuch &> /dev/null; echo $?",
        "e\n127\n",
    );
    check("{ echo a; echo b >&2; } > /tmp/f 2>&1; cat /tmp/f", "a\nb\n");
    check("exec 3>/tmp/f; echo three >&3; exec 3>&-; cat /tmp/f", "three\n");
    check(
        "while read a b; do echo $b; done < a.txt; { read x; read y; } < b.txt; echo $x-$y",
        "\nbeta-\n",
    );
    check(
        "echo x > /tmp; echo > a.txt/b",
        "bash: line 1: /tmp: Is a directory\nbash: line 1: a.txt/b: Not a directory\n[exit 1]\n",
    );
    check(
        "kubectl apply -f - <<EOF\na: 1\nEOF",
        "bash: line 1: kubectl: command not found\n[exit 127]\n",
    );
}

#[test]
fn compound_commands_run() {
    check("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n");
    check("case web-1 in db-*) echo db;; web-[0-9]|x) echo web;; *) echo no;; esac", "web\n");
    check("case a in a) echo 1;& b) echo 2;; c) echo 3;; esac", "1\n2\n");
    check("i=0; until [ $i -ge 2 ]; do i=$((i+1)); echo $i; done", "1\n2\n");
    check(
        "for i in 1 2 3; do for j in a b; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done",
        "1a\n2a\n",
    );
    check(
        "f() { local x=in; echo $1 $x $#; return 3; }; x=out; f a b; echo $? $x",
        "a in 2\n3 out\n",
    );
    check("function g { echo g; }; g; (x=1; exit 4); echo $? $x", "g\n4\n");
    check(
        "f() { f; }; f 2>&1",
        "bash: line 1: f: maximum function nesting level exceeded (200)\n[exit 1]\n",
    );
    check("true && echo a || echo b; false && echo c || echo d", "a\nd\n");
    check("[ a = a ] && [ ! -f nope ] && [ -f a.txt -a -d sub ] && [ 3 -gt 2 ] && echo ok", "ok\n");
    check(
        "[[ abc == a* && ! -e nope && 3 -lt 10 || x ]] && echo ok; [[ \"a*\" == \"a*\" ]] && echo same",
        "ok\nsame\n",
    );
    check(
        "[ 1 -eq a ]; echo $?; [ 1 -eq 1; test a b",
        "bash: line 1: [: a: integer expression expected\n2\nbash: line 1: [: missing `]'\nbash: line 1: test: a: unary operator expected\n[exit 2]\n",
    );
}

#[test]
fn options_and_traps_act() {
    check("set -e; false; echo no", "[exit 1]\n");
    check(
        "set -e; if false; then :; fi; false || true; ! true; echo yes; (exit 3); echo no",
        "yes\n[exit 3]\n",
    );
    check(
        "set -ex; x=1; echo \"a b\" $x; [[ a == b ]]",
        "+ x=1\n+ echo 'a b' 1\na b 1\n+ [[ a == b ]]\n[exit 1]\n",
    );
    check("trap 'echo bye' EXIT; echo hi; exit 5", "hi\nbye\n[exit 5]\n");
    check("trap 'echo got; exit 7' TERM; kill $$; echo no", "got\n[exit 7]\n");
    check("kill $$; echo no", "[exit 143]\n");
    check(
        "eval 'x=1; echo $x'; echo 'echo sourced $1' > /tmp/s; . /tmp/s arg; source /tmp/s",
        "1\nsourced arg\nsourced one\n",
    );
    check(
        "VAR=x env; echo [$VAR]",
        "HOME=/root\nHOSTNAME=web-0\nPATH=/bin\nPWD=/home\nVAR=x\n[]\n",
    );
    check("export A=1; B=2; sh -c 'echo $A [$B] $0'", "1 [] sh\n");
    check(
        "echo 'echo from $0 $1' > /tmp/run.sh; bash /tmp/run.sh x; echo echo piped | sh",
        "from /tmp/run.sh x\npiped\n",
    );
    check("run sh -c 'exit 9'; echo $?", "9\n");
}

#[test]
fn time_passes_only_in_waits() {
    check("sleep 2; echo $SECONDS", "2\n");
    check("time sleep 1.5", "\nreal\t0m1.500s\nuser\t0m0.000s\nsys\t0m0.000s\n");
    check("sleep 5 & sleep 1; kill $!; wait $!; echo $? $SECONDS", "143 1\n");
    check("sleep 3 & sleep 2 & wait; echo $SECONDS", "3\n");
    check("read -t 2 x < /dev/null; echo $?", "1\n");
}

#[test]
fn endless_loops_do_not_hang_a_step() {
    let mut machine = Machine::script("while true; do :; done", &[], settings(Flavour::Gnu));
    let mut host = host();
    assert!(matches!(machine.step(&mut host), Step::Blocked { until: Some(_) }));
    machine.signal(Signal::TERM, &mut host);
    assert_eq!(machine.step(&mut host), Step::Exited(143));
}

#[test]
fn commands_in_an_endless_loop_take_time() {
    let script = "while true; do cat nowhere; done";
    let mut machine = Machine::script(script, &[], settings(Flavour::Gnu));
    let mut host = host();
    assert!(matches!(machine.step(&mut host), Step::Blocked { until: Some(1_000_200) }));
    assert!((50..=100).contains(&host.next), "{} commands", host.next);
}

#[test]
fn signals_reach_traps_between_commands() {
    let script = "trap 'echo closing; sleep 1; echo closed; exit 0' TERM; echo up; while :; do sleep 0.2; done";
    let options = Settings { first_pid: 1, ..settings(Flavour::Busybox) };
    let mut machine = Machine::script(script, &[], options);
    let mut host = host();
    assert!(matches!(machine.step(&mut host), Step::Blocked { until: Some(_) }));
    machine.signal(Signal::TERM, &mut host);
    assert_eq!(run(machine, host, 100_000), "up\nclosing\nclosed\n");
}

#[test]
fn process_one_ignores_what_it_does_not_trap() {
    let options = Settings { first_pid: 1, ..settings(Flavour::Busybox) };
    let mut machine = Machine::script("sleep 10; echo done", &[], options);
    let mut host = host();
    machine.step(&mut host);
    machine.signal(Signal::TERM, &mut host);
    assert!(matches!(machine.step(&mut host), Step::Blocked { .. }));
    assert_eq!(run(machine, host, 100_000), "done\n");
}

#[test]
fn busybox_words_differ() {
    check_sh("nosuch", "sh: nosuch: not found\n[exit 127]\n");
    check_sh(
        "cd /nope",
        "sh: cd: line 0: can't cd to /nope: No such file or directory\n[exit 2]\n",
    );
    check_sh("echo x > /nope/y", "sh: can't create /nope/y: nonexistent directory\n[exit 1]\n");
    check_sh("cat < nope", "sh: can't open nope: no such file\n[exit 1]\n");
    check_sh("if", "sh: syntax error: unexpected end of file (expecting \"then\")\n[exit 2]\n");
    check_sh("fi", "sh: syntax error: unexpected \"fi\"\n[exit 2]\n");
    check_sh("echo 'a", "sh: syntax error: unterminated quoted string\n[exit 2]\n");
    check_sh("set -u; echo $x", "sh: x: parameter not set\n[exit 2]\n");
    check_sh("echo $((1/0))", "sh: divide by zero\n[exit 2]\n");
    check_sh("[ 1 -eq a ]", "sh: a: bad number\n[exit 2]\n");
    check_sh("shift 5; echo $?; echo {1..3}", "1\n{1..3}\n");
    check_sh("echo a | | b", "sh: syntax error: unexpected \"|\"\n[exit 2]\n");
    check_sh("(echo a", "sh: syntax error: unexpected end of file (expecting \")\")\n[exit 2]\n");
    check_sh("local x", "sh: local: line 0: not in a function\n[exit 2]\n");
    check_sh("kill 99999", "sh: can't kill pid 99999: No such process\n[exit 1]\n");
    check_sh("set -x; echo 'b c'", "+ echo 'b c'\nb c\n");
}

#[test]
fn syntax_errors_have_bashs_words() {
    check(
        "fi",
        "bash: -c: line 1: syntax error near unexpected token `fi'\nbash: -c: line 1: `fi'\n[exit 2]\n",
    );
    check("if", "bash: -c: line 2: syntax error: unexpected end of file\n[exit 2]\n");
    check(
        "echo \"abc",
        "bash: -c: line 1: unexpected EOF while looking for matching `\"'\n[exit 2]\n",
    );
    check(
        "echo a\ndone",
        "a\nbash: -c: line 2: syntax error near unexpected token `done'\nbash: -c: line 2: `done'\n[exit 2]\n",
    );
    check(
        "for",
        "bash: -c: line 1: syntax error near unexpected token `newline'\nbash: -c: line 1: `for'\n[exit 2]\n",
    );
    check(
        "echo a ;; b",
        "bash: -c: line 1: syntax error near unexpected token `;;'\nbash: -c: line 1: `echo a ;; b'\n[exit 2]\n",
    );
    check(
        &"(".repeat(500),
        "bash: -c: line 1: syntax error: nested too deep to be simulated here\n[exit 2]\n",
    );
}

#[test]
fn an_interactive_shell_remembers() {
    check_lines(&["x=5", "f() {", "echo $x $1; }", "f a"], "> 5 a\n");
    check_lines(
        &["nosuch", "echo $?", "fi", "echo $?"],
        "bash: nosuch: command not found\n127\nbash: syntax error near unexpected token `fi'\n2\n",
    );
    check_lines(&["alias k='echo kubectl'", "k get pods"], "kubectl get pods\n");
    check_lines(&["cat <<EOF", "a", "EOF"], "> > a\n");
    check_lines(
        &["for i in 1 2; do", "echo $i", "done", "cd sub; pwd", "cd -"],
        "> > 1\n2\n/home/sub\n/home\n",
    );
    check_lines(
        &["echo $((1/0))", "echo on"],
        "bash: 1/0: division by 0 (error token is \"0\")\non\n",
    );
}
