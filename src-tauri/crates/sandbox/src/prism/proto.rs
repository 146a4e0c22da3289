//! Protobuf's wire format, as much of it as unary calls with small messages need: a message is taken apart into
//! numbered fields and put together from them. Knows no message by name.

/// What a field holds, before anybody says what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held<'a> {
    Varint(u64),
    /// Texts, bytes and messages.
    Bytes(&'a [u8]),
    /// Eight or four bytes of fixed width; nothing here uses them.
    Fixed,
}

/// A message taken apart. Unknown fields are kept and never asked for.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    fields: Vec<(u32, Held<'a>)>,
}

impl<'a> Message<'a> {
    /// Takes a message apart; none when the bytes are no message.
    pub(super) fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let number = u32::try_from(key >> 3).ok().filter(|n| *n > 0)?;
            let held = match key & 7 {
                0 => Held::Varint(varint(&mut bytes)?),
                1 => take(&mut bytes, 8).map(|_| Held::Fixed)?,
                2 => {
                    let length = usize::try_from(varint(&mut bytes)?).ok()?;
                    Held::Bytes(take(&mut bytes, length)?)
                }
                5 => take(&mut bytes, 4).map(|_| Held::Fixed)?,
                _ => return None,
            };
            fields.push((number, held));
        }
        Some(Self { fields })
    }

    // The last one counts, as protobuf says.
    fn last(&self, number: u32) -> Option<Held<'a>> {
        self.fields
            .iter()
            .rev()
            .find(|(n, _)| *n == number)
            .map(|(_, held)| *held)
    }

    /// A whole number; signed ones are told as they are.
    pub(super) fn number(&self, number: u32) -> Option<i64> {
        match self.last(number)? {
            Held::Varint(value) => Some(value.cast_signed()),
            _ => None,
        }
    }

    /// A text; what is not UTF-8 is told with replacement signs.
    pub(super) fn text(&self, number: u32) -> Option<String> {
        match self.last(number)? {
            Held::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// A message inside this one.
    pub(super) fn message(&self, number: u32) -> Option<Message<'a>> {
        match self.last(number)? {
            Held::Bytes(bytes) => Message::read(bytes),
            _ => None,
        }
    }

    /// A text wrapped in a message of its own, as secrets are.
    pub(super) fn secret(&self, number: u32) -> Option<String> {
        Some(self.message(number)?.text(1).unwrap_or_default())
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A message being put together.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// A whole number. Zero is written too: a field that may be absent is present with it.
    pub(super) fn number(mut self, number: u32, value: i64) -> Self {
        self.varint(u64::from(number) << 3);
        self.varint(value.cast_unsigned());
        self
    }

    /// A text.
    pub(super) fn text(self, number: u32, text: &str) -> Self {
        self.bytes(number, text.as_bytes())
    }

    /// A text wrapped in a message of its own.
    pub(super) fn secret(self, number: u32, text: &str) -> Self {
        self.message(number, Writer::default().text(1, text))
    }

    /// A message inside this one.
    pub(super) fn message(self, number: u32, inner: Writer) -> Self {
        self.bytes(number, &inner.0)
    }

    /// The finished bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn bytes(mut self, number: u32, bytes: &[u8]) -> Self {
        self.varint((u64::from(number) << 3) | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn varint(&mut self, mut value: u64) {
        loop {
            let low = value.to_le_bytes()[0] & 0x7f;
            value >>= 7;
            if value == 0 {
                self.0.push(low);
                return;
            }
            self.0.push(low | 0x80);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_spelled_as_protobuf_says() {
        // The example of protobuf's own description of its encoding: field 1 = 150, field 2 = "testing".
        let bytes = Writer::default().number(1, 150).text(2, "testing").finish();
        assert_eq!(
            bytes,
            [
                0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67
            ]
        );
        let read = Message::read(&bytes).unwrap();
        assert_eq!(read.number(1), Some(150));
        assert_eq!(read.text(2).as_deref(), Some("testing"));
        assert_eq!(read.number(2), None);
        assert_eq!(read.text(3), None);
    }

    #[test]
    fn negative_numbers_and_nested_secrets_read_back() {
        let bytes = Writer::default()
            .number(1, -500)
            .secret(16, "pm_1")
            .secret(17, "")
            .finish();
        let read = Message::read(&bytes).unwrap();
        assert_eq!(read.number(1), Some(-500));
        assert_eq!(read.secret(16).as_deref(), Some("pm_1"));
        assert_eq!(read.secret(17).as_deref(), Some(""));
        assert_eq!(read.secret(18), None);
    }

    #[test]
    fn broken_bytes_are_no_message() {
        for broken in [
            &[0x08][..],
            &[0x12, 0x05, b'a'],
            &[0x00, 0x01],
            &[0x0b],
            &[0xff; 11],
        ] {
            assert!(Message::read(broken).is_none(), "{broken:?}");
        }
    }
}
