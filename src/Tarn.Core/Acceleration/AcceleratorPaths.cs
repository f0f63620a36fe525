namespace Tarn.Core.Acceleration;

/// <summary>The paths of an accelerator's own requests. Those for blocks are <see cref="BlockRequest"/>.</summary>
public static class AcceleratorPaths
{
    /// <summary>What all of them begin with.</summary>
    public const string Root = "/v1/";

    /// <summary>Takes an <see cref="AcceleratorRegistration"/>, answers a <see cref="RegistrationAnswer"/>.</summary>
    public const string Register = Root + "register";

    /// <summary>Takes capabilities, one a line; answers the renewed ones, one a line, or <see cref="Gone"/> in the place of one that cannot be renewed.</summary>
    public const string Renew = Root + "renew";

    /// <summary>Takes the text of <see cref="ReadPlan.Next"/>, answers a <see cref="ReadPlan"/>.</summary>
    public const string Continue = Root + "continue";

    /// <summary>The line in the place of a capability that cannot be renewed: its blob is gone, it has expired, or it is not genuine.</summary>
    public const string Gone = "gone";

    /// <summary>The most capabilities in one request to <see cref="Renew"/>.</summary>
    public const int MaxRenewals = 256;
}
