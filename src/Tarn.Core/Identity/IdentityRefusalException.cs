namespace Tarn.Core.Identity;

/// <summary>Why a change of identities is refused.</summary>
public enum IdentityRefusalKind
{
    /// <summary>The request breaks a rule.</summary>
    Invalid,

    /// <summary>Something does not exist.</summary>
    NotFound,

    /// <summary>It exists already, or something else prevents the change.</summary>
    Conflict,
}

/// <summary>A request about identities is refused. The message is for the person who asked.</summary>
public sealed class IdentityRefusalException : Exception
{
    /// <param name="kind">Why.</param>
    /// <param name="message">For the person who asked.</param>
    public IdentityRefusalException(IdentityRefusalKind kind, string message) : base(message) => Kind = kind;

    /// <inheritdoc/>
    public IdentityRefusalException() { }

    /// <inheritdoc/>
    public IdentityRefusalException(string message) : base(message) { }

    /// <inheritdoc/>
    public IdentityRefusalException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Why.</summary>
    public IdentityRefusalKind Kind { get; }

    internal static IdentityRefusalException Invalid(string message) => new(IdentityRefusalKind.Invalid, message);

    internal static IdentityRefusalException NotFound(string message) => new(IdentityRefusalKind.NotFound, message);

    internal static IdentityRefusalException Conflict(string message) => new(IdentityRefusalKind.Conflict, message);
}
