//! SQLCipher through sqlx.
