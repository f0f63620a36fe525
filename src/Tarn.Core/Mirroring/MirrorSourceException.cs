namespace Tarn.Core.Mirroring;

/// <summary>What was to be copied from one side of a mirror to the other could not be read.</summary>
public sealed class MirrorSourceException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public MirrorSourceException() { }

    /// <summary>Creates the exception with a message.</summary>
    public MirrorSourceException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public MirrorSourceException(string message, Exception inner) : base(message, inner) { }
}
