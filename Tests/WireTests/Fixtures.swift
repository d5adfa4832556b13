import Bytes
import Testing

import Wire

/// Reads hexadecimal digits, spaces and line ends between them allowed.
func hex(_ digits: String) -> [UInt8] {
  let compact = digits.utf8.filter { $0 != 0x20 && $0 != 0x0A }
  guard let bytes = readHexadecimal(Array(compact)) else {
    Issue.record("'\(digits)' is not hexadecimal")
    return []
  }
  return bytes
}
