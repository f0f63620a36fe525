namespace Tarn.Core.KeyValue;

/// <summary>Another process has the store open. The message names the store.</summary>
public sealed class StoreLockedException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public StoreLockedException() : base("The store is in use by another process.") { }

    /// <summary>Creates the exception with a message.</summary>
    public StoreLockedException(string message) : base(message) { }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StoreLockedException(string message, Exception inner) : base(message, inner) { }
}
