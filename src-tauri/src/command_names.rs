// Read twice: by build.rs, which makes one permission of each name, and by commands.rs, whose test holds this list against
// the handlers, the capability file and the contract.

/// Every command of the window, in the contract's order.
pub const COMMAND_NAMES: &[&str] = &[
];
