package import Bytes

/// What this program calls itself in status listings and hellos.
package enum ProgramVersion {
  package static let text: Text = "0.1.0"
}
