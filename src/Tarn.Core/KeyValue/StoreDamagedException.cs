namespace Tarn.Core.KeyValue;

/// <summary>The store's files are damaged or missing, so that opening it would lose what was acknowledged. The message says what can be done.</summary>
public sealed class StoreDamagedException : IOException
{
    public StoreDamagedException() : base("The store is damaged.") { }

    public StoreDamagedException(string message) : base(message) { }

    public StoreDamagedException(string message, Exception inner) : base(message, inner) { }
}
