//! Where in a module a byte stands: what is probable there depends on it.

// Opcodes that there are not, where there is none.
/// Outside of code.
const OUTSIDE: u32 = 0xf8;
/// The number of groups of a function's local variables.
const LOCALS: u32 = 0xf9;
/// Those groups: how many, and of which type.
const GROUPS: u32 = 0xfa;
/// The labels of a `br_table`, behind their number.
const LABELS: u32 = 0xfb;

const BLOCK: u8 = 0x02;
const IF: u8 = 0x04;
const END: u8 = 0x0b;
const BR_TABLE: u32 = 0x0e;
const F32_CONST: u32 = 0x43;
const F64_CONST: u32 = 0x44;

pub(crate) struct Place {
    /// The instruction that the byte belongs to, or the last one.
    opcode: u32,
    /// How many operands of it are still to come.
    operands: u32,
    /// Which byte of its operand it is.
    nth: u32,
    /// How many blocks are open.
    depth: i32,
    /// The last four opcodes; outside of code the last four bytes.
    pub(crate) opcodes: u32,
}

impl Place {
    pub(crate) fn outside() -> Self {
        Self::behind(OUTSIDE)
    }

    pub(crate) fn at_locals() -> Self {
        Self::behind(LOCALS)
    }

    fn behind(opcode: u32) -> Self {
        Place {
            opcode,
            operands: 1,
            nth: 0,
            depth: 0,
            opcodes: 0,
        }
    }

    pub(crate) fn is_end_of_body(&self) -> bool {
        self.depth < 0
    }

    /// Its number; all opcodes have one.
    pub(crate) fn number(&self) -> u32 {
        if self.operands == 0 {
            return 0;
        }
        self.opcode << 4 | (self.operands & 1) << 3 | self.nth
    }

    /// Goes on to the next byte.
    pub(crate) fn pass(&mut self, byte: u8) {
        let number = u32::from(byte);
        if self.operands == 0 || self.opcode == OUTSIDE {
            self.opcodes = self.opcodes << 8 | number;
        }
        if self.operands == 0 {
            self.opcode = number;
            self.operands = operands(byte);
            match byte {
                BLOCK..=IF => self.depth += 1,
                END => self.depth -= 1,
                _ => {}
            }
            return;
        }
        self.nth += 1;
        if byte < 128 || self.opcode == F32_CONST || self.opcode == F64_CONST {
            self.nth = 0;
            self.operands -= 1;
            match self.opcode {
                OUTSIDE => self.operands = 1,
                LOCALS => {
                    self.opcode = GROUPS;
                    self.operands = number * 2;
                }
                BR_TABLE => {
                    self.opcode = LABELS;
                    self.operands = number + 1;
                }
                _ => {}
            }
        }
    }
}

/// How many operands an instruction has, each a number in LEB128: WebAssembly specification, section 5.4. Of
/// those that our module does not have, it does not know. An operand that is taken for an opcode costs a few
/// bytes, or, if it is that of a block or an end, the build fails, as it unpacks what it has packed.
fn operands(opcode: u8) -> u32 {
    match opcode {
        BLOCK..=IF | 0x0c..=0x0e | 0x10 | 0x20..=0x26 | 0x3f..=0x42 | 0xfc => 1,
        0x11 | 0x28..=0x3e => 2,
        // Not in LEB128: each of their bytes counts as one.
        0x43 => 4,
        0x44 => 8,
        _ => 0,
    }
}
