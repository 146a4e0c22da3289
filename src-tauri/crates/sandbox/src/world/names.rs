//! Invented names in several scripts. Only names: who bears which is decided in `cast`.

/// Shown name and its ASCII form for the email.
pub(super) type Names = &'static [(&'static str, &'static str)];

#[rustfmt::skip]
pub(super) const LATIN_GIVEN: Names = &[
    ("Ada", "ada"), ("Aiko", "aiko"), ("Ananya", "ananya"), ("Bilal", "bilal"), ("Carla", "carla"),
    ("Chidinma", "chidinma"), ("Dario", "dario"), ("Emre", "emre"), ("Farah", "farah"),
    ("Giulia", "giulia"), ("Hanna", "hanna"), ("Ingrid", "ingrid"), ("Jonas", "jonas"), ("Kwame", "kwame"),
    ("Lars", "lars"), ("Maeva", "maeva"), ("Nadia", "nadia"), ("Omar", "omar"), ("Pieter", "pieter"),
    ("Priya", "priya"), ("Quentin", "quentin"), ("Rosalind", "rosalind"), ("Sven", "sven"),
    ("Tess", "tess"), ("Ugo", "ugo"), ("Vera", "vera"), ("Wanda", "wanda"), ("Ximena", "ximena"),
    ("Yusuf", "yusuf"), ("Zora", "zora"), ("Alan", "alan"), ("Beatriz", "beatriz"), ("Colin", "colin"),
    ("Delia", "delia"), ("Edwin", "edwin"), ("Fiona", "fiona"), ("Grace", "grace"), ("Hugo", "hugo"),
    ("Iris", "iris"), ("Jasper", "jasper"), ("Kira", "kira"), ("Leon", "leon"), ("Mira", "mira"),
    ("Noah", "noah"), ("Olga", "olga"), ("Paula", "paula"), ("Rita", "rita"), ("Tom", "tom"),
];

#[rustfmt::skip]
pub(super) const LATIN_FAMILY: Names = &[
    ("Lindqvist", "lindqvist"), ("Tanabe", "tanabe"), ("Bonfanti", "bonfanti"), ("O'Neil", "o'neil"),
    ("Grossmann", "grossmann"), ("Hohenfels", "hohenfels"), ("Wojcik", "wojcik"), ("Duarte", "duarte"),
    ("Pappas", "pappas"), ("Dvorak", "dvorak"), ("Okada", "okada"), ("Sato", "sato"),
    ("Boadada", "boadada"), ("Elfassi", "elfassi"), ("Zanetti", "zanetti"), ("Kobayashi", "kobayashi"),
    ("Chan", "chan"), ("Hamada", "hamada"), ("Estrada", "estrada"), ("Koval", "koval"),
    ("Vandaele", "vandaele"), ("Quarles", "quarles"), ("Keller", "keller"), ("Meier", "meier"),
    ("Brunner", "brunner"), ("Steiner", "steiner"), ("Rossi", "rossi"), ("Ferrari", "ferrari"),
    ("Dubois", "dubois"), ("Laurent", "laurent"), ("Smith-Jones", "smith-jones"),
    ("Van der Berg", "vanderberg"), ("Nowak", "nowak"), ("Silva", "silva"), ("Costa", "costa"),
    ("Andersen", "andersen"), ("Nilsen", "nilsen"), ("Virtanen", "virtanen"), ("Kaya", "kaya"),
    ("Demir", "demir"), ("Haddad", "haddad"), ("Mansour", "mansour"), ("Nguyen", "nguyen"),
    ("Tran", "tran"), ("Mensah", "mensah"), ("Adeyemi", "adeyemi"), ("Patel", "patel"), ("Iyer", "iyer"),
    ("Walker", "walker"), ("Fraser", "fraser"), ("Byrne", "byrne"), ("Doyle", "doyle"),
    ("Hughes", "hughes"), ("Morgan", "morgan"), ("Weber", "weber"), ("Fischer", "fischer"),
    ("Wagner", "wagner"), ("Huber", "huber"), ("Bauer", "bauer"), ("Lang", "lang"), ("Vogel", "vogel"),
    ("Roth", "roth"), ("Frei", "frei"), ("Winter", "winter"),
];

#[rustfmt::skip]
pub(super) const ACCENT_GIVEN: Names = &[
    ("Élodie", "elodie"), ("Björk", "bjork"), ("Maëlys", "maelys"), ("Ruairí", "ruairi"), ("Zoë", "zoe"),
    ("José", "jose"), ("Søren", "soren"), ("Łukasz", "lukasz"), ("Jürgen", "juergen"), ("Çağla", "cagla"),
    ("Ñusta", "nusta"), ("Šárka", "sarka"),
];

#[rustfmt::skip]
pub(super) const ACCENT_FAMILY: Names = &[
    ("Lefèvre", "lefevre"), ("Müller", "mueller"), ("Dvořáková", "dvorakova"), ("Núñez", "nunez"),
    ("Åkesson", "akesson"), ("Öztürk", "oezturk"), ("Groß", "gross"), ("Żak", "zak"),
    ("Þórsdóttir", "thorsdottir"), ("Ibáñez", "ibanez"), ("Brâncuși", "brancusi"), ("Gagné", "gagne"),
];

#[rustfmt::skip]
pub(super) const JAPANESE_GIVEN: Names = &[
    ("健太", "kenta"), ("美咲", "misaki"), ("誠", "makoto"), ("愛子", "aiko"), ("陽菜", "hina"), ("翔", "sho"),
    ("さくら", "sakura"), ("ユリ", "yuri"),
];

#[rustfmt::skip]
pub(super) const JAPANESE_FAMILY: Names = &[
    ("佐藤", "sato"), ("浜田", "hamada"), ("小林", "kobayashi"), ("田辺", "tanabe"), ("鈴木", "suzuki"),
    ("髙橋", "takahashi"), ("渡邊", "watanabe"), ("伊藤", "ito"),
];

#[rustfmt::skip]
pub(super) const CYRILLIC_GIVEN: Names = &[
    ("Наталья", "natalya"), ("Олексій", "oleksii"), ("Иван", "ivan"), ("Мария", "maria"),
    ("Сергей", "sergey"), ("Љубица", "ljubica"), ("Пётр", "pyotr"),
];

#[rustfmt::skip]
pub(super) const CYRILLIC_FAMILY: Names = &[
    ("Воронцова", "vorontsova"), ("Коваль", "koval"), ("Иванов", "ivanov"), ("Петрова", "petrova"),
    ("Шевченко", "shevchenko"), ("Йовановић", "jovanovic"), ("Щукин", "shchukin"),
];

#[rustfmt::skip]
pub(super) const ARABIC_GIVEN: Names = &[
    ("ليلى", "layla"), ("محمد", "mohammed"), ("غادة", "ghada"), ("يوسف", "yousef"), ("نور", "nour"),
    ("فاطمة", "fatima"),
];

#[rustfmt::skip]
pub(super) const ARABIC_FAMILY: Names = &[
    ("الفاسي", "alfasi"), ("حداد", "haddad"), ("منصور", "mansour"), ("خوري", "khoury"), ("العلي", "alali"),
    ("النجار", "najjar"),
];
