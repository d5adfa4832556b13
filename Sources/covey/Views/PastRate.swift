import Bytes
import Domain

/// The rates of some profiles of an earlier scoring.
enum PastRate {
  static func expected(_ rates: Document) -> String {
    rates.share("expectedRate").map { Human.percentage($0) } ?? Human.missing
  }

  /// The rate that came, or when it will be known.
  static func actual(_ rates: Document, of scoring: Document) -> String {
    guard scoring.flag("isKnown") == true else {
      return "known from \(Document.day(scoring.text("windowEnd")))"
    }
    guard let rate = rates.share("actualRate") else { return Human.missing }
    // Less where fields of profiles were written over since.
    let isWhole = rates.number("judged") == rates.number("profiles")
    return Human.percentage(rate) + (isWhole ? "" : " of \(rates.count("judged"))")
  }
}
