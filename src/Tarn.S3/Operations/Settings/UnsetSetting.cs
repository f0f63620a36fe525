using Tarn.S3.Documents;
using Tarn.S3.Requests;

namespace Tarn.S3.Operations.Settings;

/// <summary>
/// One of S3's settings that this server does not implement and so is never set: reading it answers as S3 does for an unset one, deleting it and setting
/// it to "off" succeed, and only turning it on is refused.
/// </summary>
internal sealed record UnsetSetting(string Subresource, params IReadOnlyList<SettingRequest> Requests) : SettingDeclaration(Subresource, Requests)
{
    /// <summary>The document of a PUT, if it can turn the setting off; null: every PUT turns it on.</summary>
    public DocumentShape? Document { get; init; }

    /// <summary>The element that turns the setting on or off; null: a document without unimplemented elements turns it off.</summary>
    public OnOff? Switch { get; init; }

    public override IOperation Serve(SettingRequest request, SettingServices services) => new UnsetOperation(this, request, services);
}

/// <summary>An element and its values for on and off.</summary>
internal readonly record struct OnOff(string Element, string On, string Off);
