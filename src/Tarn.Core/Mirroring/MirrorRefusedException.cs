namespace Tarn.Core.Mirroring;

/// <summary>The mirror must not be opened with the sides that are there. The message says what is missing and what can be done.</summary>
public sealed class MirrorRefusedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public MirrorRefusedException() : base("The mirror cannot be opened.") { }

    /// <summary>Creates the exception with a message.</summary>
    public MirrorRefusedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public MirrorRefusedException(string message, Exception inner) : base(message, inner) { }
}
