namespace Tarn.Core.KeyValue;

/// <summary>The store's files are damaged or missing, and opening it would lose acknowledged writes. The message says what can be done.</summary>
public sealed class StoreDamagedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StoreDamagedException() : base("The store is damaged.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StoreDamagedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StoreDamagedException(string message, Exception inner) : base(message, inner) { }
}
