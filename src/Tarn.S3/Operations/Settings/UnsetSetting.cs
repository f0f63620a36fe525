using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// A setting of S3's that this server does not have, and so one that is never set: reading it says so as S3 does, deleting it and setting
/// it to "off" succeed, and only what would turn it on is refused.
/// </summary>
internal sealed record UnsetSetting(string Subresource, params IReadOnlyList<SettingRequest> Requests) : SettingDeclaration(Subresource, Requests)
{
    /// <summary>What PUT carries, where it can say "off"; null: whatever it carries turns the setting on.</summary>
    public DocumentShape? Document { get; init; }

    /// <summary>The element by which the document says "on" or "off"; null: one that turns nothing on is "off".</summary>
    public OnOff? Switch { get; init; }

    public override IOperation Serve(SettingRequest request, SettingServices services) => new UnsetOperation(this, request, services);
}

/// <summary>The two values of an element.</summary>
internal readonly record struct OnOff(string Element, string On, string Off);
