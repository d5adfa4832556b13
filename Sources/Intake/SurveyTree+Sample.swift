import Bytes
import Domain
private import Glibc

extension SurveyTree {
  /// A value that may be shown as a sample.
  struct Sample {
    /// The value's number among those of its place, from 1.
    var number: UInt64
    var text: Text
    /// What the text was made of, to know it again without making it.
    private var bits: UInt64
    private var tag = Tape.Tag.string
    private var written: [UInt8]

    /// A text of the data.
    init(_ bytes: UnsafeBufferPointer<UInt8>, number: UInt64) {
      self.number = number
      unsafe text = Printable.text(bytes, byteCountMax: Sample.byteCountMax)
      bits = 0
      unsafe written = Array(bytes.prefix(Sample.byteCountMax))
    }

    /// A number or a boolean.
    init(_ text: Text, _ entry: Tape.Entry, number: UInt64) {
      self.number = number
      self.text = text
      bits = entry.bits
      tag = entry.tag
      written = []
    }

    /// Longest sample, in bytes.
    private static let byteCountMax = 40

    @inline(__always)
    func isWritten(as bytes: UnsafeBufferPointer<UInt8>) -> Bool {
      guard bytes.count == written.count, let start = bytes.baseAddress else { return false }
      return unsafe memcmp(start, written, bytes.count) == 0
    }

    @inline(__always)
    func isMade(of entry: Tape.Entry) -> Bool { bits == entry.bits && tag == entry.tag }
  }
}
