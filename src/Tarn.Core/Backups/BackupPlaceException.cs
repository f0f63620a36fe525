namespace Tarn.Core.Backups;

/// <summary>A place of backups does not answer, or refuses: that says nothing about what it has, so the work ends.</summary>
public sealed class BackupPlaceException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public BackupPlaceException() : base("The place of the backups does not answer.") { }

    /// <summary>Creates the exception with a message.</summary>
    public BackupPlaceException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public BackupPlaceException(string message, Exception inner) : base(message, inner) { }
}
