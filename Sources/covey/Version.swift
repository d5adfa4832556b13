/// Which Covey this is.
package enum Version {
  package static let text = "0.1.0"

  package static let line = "covey \(text)"
}
