import Bytes
package import Domain

extension ClockChange {
  /// The change as data.
  ///
  /// `{"at", "isMember"}`, or `{"never": true}`, or `{"notBefore"}` where nobody looked further.
  package func document(wasMember: Bool) -> Value {
    switch self {
    case .at(let instant):
      .object([("at", .string(Text(instant.iso))), ("isMember", .boolean(!wasMember))])
    case .never: .object([("never", .boolean(true))])
    case .notBefore(let instant): .object([("notBefore", .string(Text(instant.iso)))])
    }
  }
}
