//! Where in a module a byte stands: what is probable there depends on it.

/// Stands for an opcode outside of code, where there is none: all is an operand of it.
const OUTSIDE: u32 = 0x100;
/// Stands for an opcode before a function's code, whose operands are its local variables.
const LOCALS: u32 = 0x101;

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
    /// Whether one has been.
    is_second: bool,
    /// Which byte of its operand it is.
    nth: u32,
    /// How many blocks are open.
    depth: i32,
    /// The last four opcodes; outside of code the last four bytes.
    pub(crate) opcodes: u32,
}

impl Place {
    pub(crate) fn outside() -> Self {
        Self::behind(OUTSIDE, u32::MAX)
    }

    pub(crate) fn at_locals() -> Self {
        Self::behind(LOCALS, 1)
    }

    fn behind(opcode: u32, operands: u32) -> Self {
        Place {
            opcode,
            operands,
            is_second: false,
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
        self.opcode << 3 | u32::from(self.is_second) << 2 | self.nth | 16
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
            self.is_second = false;
            match byte {
                BLOCK..=IF => self.depth += 1,
                END => self.depth -= 1,
                _ => {}
            }
            return;
        }
        self.nth += 1;
        if byte < 128 || self.opcode == F32_CONST || self.opcode == F64_CONST {
            self.operands -= 1;
            self.nth = 0;
            if !self.is_second {
                match self.opcode {
                    BR_TABLE => self.operands = number + 1,
                    // How many, and of which type.
                    LOCALS => self.operands = number * 2,
                    _ => {}
                }
            }
            self.is_second = true;
        }
    }
}

/// How many operands an instruction has, each a number in LEB128: WebAssembly specification, section 5.4. Of
/// some it says less than there is, which costs a few bytes, as they are then taken for opcodes.
fn operands(opcode: u8) -> u32 {
    match opcode {
        BLOCK..=IF | 0x0c..=0x0e | 0x10 | 0x20..=0x26 | 0x3f..=0x42 | 0xfc => 1,
        0x28..=0x3e => 2,
        // Not in LEB128: each of their bytes counts as one.
        0x43 => 4,
        0x44 => 8,
        _ => 0,
    }
}
