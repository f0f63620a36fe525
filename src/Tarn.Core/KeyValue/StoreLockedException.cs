namespace Tarn.Core.KeyValue;

/// <summary>Another process has the store open. The message names the store.</summary>
public sealed class StoreLockedException : IOException
{
    public StoreLockedException() : base("The store is in use by another process.") { }

    public StoreLockedException(string message) : base(message) { }

    public StoreLockedException(string message, Exception inner) : base(message, inner) { }
}
