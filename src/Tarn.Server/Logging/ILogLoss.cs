namespace Tarn.Server.Logging;

/// <summary>Is told of lines that a <see cref="LogQueue"/> loses. Must not block.</summary>
internal interface ILogLoss
{
    /// <summary>Lines were lost: there was no room for them, or they could not be written.</summary>
    void Lost(long lines);

    /// <summary>The sink accepts lines again. Returns a line for the log itself about those that were lost before, or null for none.</summary>
    string? Notice(long lines);
}
