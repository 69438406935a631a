"""How secrets look: keys by their prefixes, and values by the words before them.

What stands before a value has to be plain, since a false alarm changes a sentence that somebody has
to read.
"""

_WORD = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret(?:[-_]?(?:access[-_]?)?key)?(?:[-_]?base)?|token"
    r"|(?:api|access|account|auth|encryption|master|private|signing)[-_]?key)"
)
_NAMED = rf"(?i)(?<![a-z0-9])[\w-]{{0,40}}?{_WORD}[\"']?"
_BLOCK = r"-----BEGIN [A-Z0-9 ]{1,60}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|\Z)"
_PREFIXED = (
    r"(?:glpat|glcbt|gldt|glrt)-[\w-]{10,}|gh[opsur]_\w{20,}|github_pat_\w{20,}"
    r"|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|dckr_(?:o?pat|oat)_[\w-]{10,}"
    r"|[rs]k_(?:live|test)_\w{10,}|whsec_\w{16,}|sk-(?=[\w-]*[0-9])[\w-]{20,}"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|npm_\w{30,}|pypi-[\w-]{30,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|hv[brs]\.[\w-]{16,}"
)
_PREFIXES = (
    "glpat", "glcbt", "gldt", "glrt", "gh", "github_pat", "xox", "xapp-", "dckr_", "k_live_",
    "k_test_", "whsec_", "sk-", "aiza", "ya29.", "npm_", "pypi-", "sg.", "hvb.", "hvr.", "hvs.",
)  # fmt: skip
_SIGNED = (
    r"X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|Signature|Key-Pair-Id|Policy|sig"
    r"|_state|token|access_token"
)
_HOOKS = (
    r"hooks\.slack(?:-gov)?\.com/|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/"
    r"|webhook\.office\.com/(?:webhookb2/)?"
)
_PLAIN = r"[^\s\"',;&}\])]"
# What is no word of a sentence: it has a digit, a sign, or a capital in its middle.
_ODD = r"(?=[^\s\"',;&}]{0,200}?(?:[0-9@#$%^*+=]|(?-i:[a-z][A-Z])))"
_WITH_A_DIGIT = r"(?P<value>(?=[^\s\"',;&}]{0,200}[0-9])[^\s\"',;&}]{6,2000})"
_MIXED = r"(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])"
_QUOTED = r"(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote))[^\n\\]){1,2000})(?P=quote)"
_SCHEMES = r"(?:token|api[-_]?key|key|digest|splunk|bot|oauth|geniekey|negotiate)"
WORDS = ("pass", "pwd", "secret", "token", "key")
_SIGNS = ("signature=", "credential=", "key-pair-id=", "policy=", "sig=", "_state=", "token=")
PATTERNS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # What it is; words of which one is in every text that has it, in lower case; how it looks.
    (
        "access key id",
        ("akia", "asia"),
        r"(?<![A-Z0-9])(?P<value>(?:AKIA|ASIA)[A-Z0-9]{12,124})(?![A-Z0-9])",
    ),
    ("JWT", ("eyj",), r"(?<![\w-])(?P<value>eyJ[\w-]{5,}\.[\w-]{4,}(?:\.[\w-]*)?)"),
    ("PEM block", ("-----begin",), rf"(?P<value>{_BLOCK})"),
    ("token", _PREFIXES, rf"(?<![\w-])(?P<value>{_PREFIXED})"),
    (
        "webhook",
        ("hooks.slack", "/webhooks/", "webhook.office"),
        rf"(?:{_HOOKS})(?P<value>[\w/@-]{{6,}})",
    ),
    (
        "password in a URL",
        ("://",),
        r"\w://[^\s/@:?#]{0,200}:(?P<value>[^\s/@?#]{1,500})@",
    ),
    ("key in a URL", ("://",), r"\w://(?P<value>[0-9a-f]{32})(?::[0-9a-f]{32})?@"),
    (
        "password in a URL",
        ("jdbc:oracle",),
        r"jdbc:oracle:\w{1,10}:[^\s/@:]{1,200}/(?P<value>[^\s@]{1,500})@",
    ),
    ("signature in a URL", _SIGNS, rf"(?i:[?&](?:{_SIGNED})=)(?P<value>[^&\s\"'<>]+)"),
    ("signature", ("signature=",), r"\bSignature=(?P<value>[0-9a-fA-F]{40,})"),
    (
        "authorization",
        ("bearer", "basic"),
        r"\b(?i:bearer|basic)\s+(?P<value>(?=[\w+/=.~-]*[0-9=])[\w+/=.~-]{8,})",
    ),
    (
        "authorization",
        ("authorization",),
        (
            rf"(?i)authorization[\"']?\s*[:=]\s*[\"']?(?:{_SCHEMES}\s+(?:token=)?[\"']?)"
            rf"(?P<value>{_PLAIN}{{6,2000}})"
        ),
    ),
    (
        "authorization",
        ("authorization", "auth="),
        (
            rf"(?i)(?:\bauthorization[\"']?\s*[:=]|(?<![a-z0-9])_?auth=)\s*[\"']?"
            rf"(?!{_SCHEMES}\s)(?P<value>{_ODD}{_PLAIN}{{6,2000}})"
        ),
    ),
    (
        "cookie",
        ("cookie",),
        r"(?i)\bcookie[\"']?\s*:\s*[\"']?(?P<value>[^\s=;\"']{1,200}=[^\r\n\"']{1,8000})",
    ),
    (
        "pair",
        WORDS,
        rf"{_NAMED}\s{{0,3}}=>?\s{{0,3}}[\"']?(?P<value>(?![=>]){_PLAIN}{{1,2000}})",
    ),
    ("pair", WORDS, rf"{_NAMED}\s{{0,3}}=>?\s{{0,3}}{_QUOTED}"),
    (
        "named value",
        WORDS,
        _NAMED + r"\s{0,3}:\s{0,3}[\"']?" + _WITH_A_DIGIT,
    ),
    (
        "password in words",
        ("pass", "pwd"),
        (
            rf"(?i)\b(?:pass(?:word|wd|phrase|code)|pwd)\s+(?:is|was|to)\s+[\"']?"
            rf"(?P<value>{_ODD}{_PLAIN}{{4,2000}})"
        ),
    ),
    (
        "password of a command",
        WORDS,
        rf"(?i)(?<![\w-])--?[\w-]{{0,40}}?{_WORD}\s+[\"']?(?P<value>(?!-){_ODD}{_PLAIN}{{4,2000}})",
    ),
    (
        "password of a command",
        ("mysql", "mariadb", "sshpass"),
        r"\b(?:mysql\w*|mariadb[\w-]*|sshpass)\b[^\n|;&]{0,500}?\s-p[\"']?(?P<value>[^\s\"']{1,500})",
    ),
    (
        "password of a command",
        ("-u", "--user", "--creds", "--proxy-user"),
        (
            r"(?<!\S)(?:-u|--user|--creds|--proxy-user)[\s=]+[\"']?(?P<user>[^\s:\"'/@]{1,100}):"
            r"(?!(?P=user)\b|\d+(?!\S))(?P<value>[^\s\"'/@]{1,500})"
        ),
    ),
    (
        "password hash",
        ("$",),
        r"(?P<value>\$(?:apr1|2[abxy]|argon2\w{0,2}|[156y])\$[\w$./+=,-]{16,200})",
    ),
    (
        "long key",
        WORDS,
        r"(?i)\b(?:secret|token|key)\b[^\w\n]{1,4}(?P<value>[A-Za-z0-9+/_-]{32,}={0,2})",
    ),
    (
        "credential",
        ("<secretaccesskey>", "<sessiontoken>", "<accesskeyid>"),
        r"<(?:SecretAccessKey|SessionToken|AccessKeyId)>(?P<value>[^<]+)<",
    ),
    (
        "secret access key",
        ("",),
        rf"(?<![\w/+=-])(?P<value>{_MIXED}[A-Za-z0-9/+]{{40}})(?![\w/+=-])",
    ),
)
# A program may say ``password: hunter`` in plain words; ``--secret: needs a value`` is ours.
_LOGGED = rf"(?i)(?<![a-z0-9-])(?!-)[\w-]{{0,40}}?{_WORD}[\"']?"
LOG_PATTERNS = (
    rf"{_LOGGED}\s{{0,3}}(?:=>|[:=])\s{{0,3}}[\"']?(?P<value>(?![=>]){_PLAIN}{{1,2000}})",
    rf"{_LOGGED}\s{{0,3}}(?:=>|[:=])\s{{0,3}}{_QUOTED}",
    rf"(?i)\b(?:pass(?:word|wd|phrase|code)|pwd)\s+(?:(?:is|was|to)\s+)?{_QUOTED}",
)
