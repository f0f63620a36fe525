namespace Tarn.Core.Logging;

/// <summary>Is told what an operator, or the owner of a bucket, should know about the delivery of logs. Must not block.</summary>
public interface ILogEvents
{
    /// <summary>Lines were lost before they had a place on disk.</summary>
    /// <param name="why">Why.</param>
    /// <param name="lines">How many.</param>
    /// <param name="cause">What failed; null when there was no room.</param>
    void Lost(LogLoss why, long lines, Exception? cause);

    /// <summary>A bucket's lines were dropped.</summary>
    /// <param name="destination">Where they should have gone.</param>
    /// <param name="why">Why.</param>
    /// <param name="reason">That in words.</param>
    /// <param name="lines">How many.</param>
    void Dropped(LogDestination destination, LogLoss why, string reason, long lines);

    /// <summary>An object could not be written, and is tried again.</summary>
    /// <param name="destination">Where its lines should have gone.</param>
    /// <param name="cause">What failed.</param>
    /// <param name="isExpected">Whether stores fail so; anything else is a defect.</param>
    void Failed(LogDestination destination, Exception cause, bool isExpected);

    /// <summary>It could not be read where the lines of a bucket go.</summary>
    void SettingFailed(Exception cause);

    /// <summary>A spool file is gone that this process did not remove, and its lines with it.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="bytes">How long it was.</param>
    void Missing(string file, long bytes);

    /// <summary>Some of a spool file cannot be read: a crash left its end so, it is damaged, or a newer build wrote it.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="bytes">How many bytes are left out.</param>
    void Torn(string file, long bytes);

    /// <summary>The spool failed while there was nothing to lose; it is tried again.</summary>
    void SpoolFailed(Exception cause);
}
