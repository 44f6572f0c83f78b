import Glibc

/// A folder that one run alone writes to, until the claim is gone.
///
/// The operating system takes a claim back with the process that holds it, however that ends, so nothing stale is left behind.
/// A file system that knows no locks holds nobody off; that is no reason not to train.
package final class FolderClaim: Sendable {
  private let files: any FileOperations
  private let folder: Int32?

  /// Claims a folder that is there.
  ///
  /// - Throws: ``ModelExchangeError`` `.inUse` when another run has claimed it, in this process or in another.
  package init(_ path: String, files: any FileOperations = SystemFiles()) throws(ModelExchangeError) {
    self.files = files
    do {
      folder = try files.repeated { () throws(SystemRefusal) in try files.claimFolder(path) }
    } catch {
      guard error.errorNumber == EWOULDBLOCK else {
        folder = nil
        return
      }
      throw ModelExchangeError(
        code: .inUse, message: "\(path): another run is writing to this folder",
        hint: "wait for its end, or give this run a folder of its own")
    }
  }

  deinit { if let folder { try? files.close(folder) } }
}
