namespace Tarn.Core.Consistency;

/// <summary>The place of copies, such as backups, does not answer, or refuses: that says nothing about what it has, so the work ends.</summary>
public sealed class CopyPlaceException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public CopyPlaceException() : base("The place of the copies does not answer.") { }

    /// <summary>Creates the exception with a message.</summary>
    public CopyPlaceException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public CopyPlaceException(string message, Exception inner) : base(message, inner) { }
}
