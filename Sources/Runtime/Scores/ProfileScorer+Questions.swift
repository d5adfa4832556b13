import Bytes
import Domain
import ProfileStore
package import Propensity
import Segmentation

// What is asked of scored profiles: what they look like together, and why one has its score.
extension ProfileScorer {
  /// What some scored profiles look like.
  ///
  /// - Returns: `nil` unless contributions were asked for.
  package func census(of scored: ScoredProfiles) throws(ScoringError) -> ScoringCensus? {
    guard let censusTaker, let contributions = scored.contributions else { return nil }
    do throws(ColumnError) {
      return try censusTaker.census(of: scored.columns, contributions)
    } catch {
      throw .columns(error)
    }
  }

  /// Scores one profile and explains it, as a scoring of its shard would.
  ///
  /// - Parameters:
  ///   - key: the profile's.
  ///   - ordinal: where it is in the shard.
  ///   - snapshot: the shard.
  /// - Returns: the profile as the only row; `nil` when it is not eligible.
  /// - Throws: what went wrong.
  func score(
    _ key: ProfileKey,
    at ordinal: Int,
    in snapshot: ShardSnapshot
  ) throws(ScoringError) -> ScoredProfiles? {
    let rows: FeatureRows
    do throws(FeatureError) {
      let population = try extractor.population(of: snapshot)
      guard population.eligible.contains(ordinal) else { return nil }
      let block = snapshot.locate(ordinal).block
      rows = try extractor.rows(of: population, in: block..<block + 1)
    } catch {
      throw .features(error)
    }
    guard let row = rows.ordinals.firstIndex(of: UInt32(ordinal)) else { return nil }
    var scored = ScoredProfiles()
    scored.profileCount = 1
    scored.keys = [key]
    scored.rows = [0]
    scored.columns = rows.columns.map { $0.rows(row..<row + 1) }
    do throws(ColumnError) {
      scored.contributions = try explainer?.explain(scored.columns)
    } catch {
      throw .columns(error)
    }
    scored.margins = scored.contributions?.margins ?? []
    return scored.margins.isEmpty ? nil : scored
  }
}
