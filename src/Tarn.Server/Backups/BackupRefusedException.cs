namespace Tarn.Server.Backups;

/// <summary>Refuses work on backups. The message is for whoever asked.</summary>
internal sealed class BackupRefusedException(string message, bool isConflict = false) : Exception(message)
{
    /// <summary>Whether other work is in the way; otherwise what was asked for is wrong.</summary>
    public bool IsConflict => isConflict;
}
