using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Tarn.Server.Configuration;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Deployment;

/// <summary>The Helm chart over its values: what it renders is read as Kubernetes' types, strictly, and fits together. No test has a cluster.</summary>
public sealed class ChartTests
{
    private const string Manifests = "deploy/kubernetes/tarn.yaml";

    private static readonly string[] Variants =
    [
        "{}",
        "rootCredentials: { existingSecret: root }",
        "masterKey: { existingSecret: master }",
        "tls: { existingSecret: certificate }",
        "env: [{ name: TARN_LOG_LEVEL, value: debug }, { name: TARN_TLS_PASSWORD, valueFrom: { secretKeyRef: { name: certificate, key: password } } }]",
        "image: { repository: registry.example.com/other, tag: '1.0', pullPolicy: Always }\nimagePullSecrets: [{ name: registry }]",
        "persistence: { size: 2Ti, storageClass: fast, accessMode: ReadWriteOncePod }",
        "service: { type: LoadBalancer, annotations: { example.com/address: internal } }",
        "ingress: { enabled: true, className: nginx, annotations: { nginx.ingress.kubernetes.io/proxy-body-size: '0' }, tlsSecret: s3 }",
        "ingress: { enabled: true, host: objects.example.com }",
        "networkPolicy: { enabled: true }",
        "networkPolicy: { enabled: true, controlFrom: [{ namespaceSelector: { matchLabels: { name: monitoring } } }] }",
        "resources: { requests: { cpu: '2' }, limits: { memory: 4Gi } }\npodAnnotations: { prometheus.io/scrape: 'true' }",
        "resources: null",
        "nodeSelector: { disk: nvme }\ntolerations: [{ key: storage, operator: Exists, effect: NoSchedule }]",
        "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: disk, operator: In, values: [nvme] }] }] } } }",
    ];

    /// <summary>Each variant alone, and all pairs of them.</summary>
    public static TheoryData<string> Values =>
        [.. Variants, .. Variants[1..].SelectMany((first, at) => Variants[(at + 2)..].Where(second => !Keys(first).Intersect(Keys(second)).Any()).Select(second => $"{first}\n{second}"))];

    [Theory]
    [MemberData(nameof(Values))]
    public void What_it_renders_is_valid_and_fits_together(string values)
    {
        object[] all = [.. Chart.Render("objects", values).Select(Parse)];
        var set = all.OfType<V1StatefulSet>().Single();
        V1PodSpec pod = set.Spec.Template.Spec;
        V1Container container = pod.Containers.Single();
        Assert.All(all.Cast<IMetadata<V1ObjectMeta>>(), one => Assert.StartsWith("objects", one.Metadata.Name, StringComparison.Ordinal));

        // Volumes, claims and mounts.
        string[] volumes = [.. (pod.Volumes ?? []).Select(volume => volume.Name), .. set.Spec.VolumeClaimTemplates.Select(claim => claim.Metadata.Name)];
        Assert.Equal(volumes.Order(), container.VolumeMounts.Select(mount => mount.Name).Order());
        Assert.All(container.Env.Where(variable => variable.Value?.StartsWith("/etc/tarn/", StringComparison.Ordinal) is true),
            variable => Assert.Contains(container.VolumeMounts, mount => variable.Value.StartsWith($"{mount.MountPath}/", StringComparison.Ordinal)));

        // Services reach the pod, by ports that it has.
        IDictionary<string, string> labels = set.Spec.Template.Metadata.Labels;
        Assert.Equal(set.Spec.Selector.MatchLabels, labels);
        V1Service[] services = [.. all.OfType<V1Service>()];
        Assert.Contains(services, service => service.Metadata.Name == set.Spec.ServiceName);
        Assert.All(services, service => Assert.Equal(service.Spec.Selector, labels));
        Assert.Subset(container.Ports.Select(port => port.Name).ToHashSet(), services.SelectMany(service => service.Spec.Ports).Select(port => (string)port.TargetPort).ToHashSet());
        Assert.All(services.Where(service => service.Spec.Ports.Any(port => port.Name == "control")), service => Assert.Equal("ClusterIP", service.Spec.Type));
        Assert.All(all.OfType<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths),
            path => Assert.Contains(services, service => service.Metadata.Name == path.Backend.Service.Name && service.Spec.Ports.Any(port => port.Name == path.Backend.Service.Port.Name)));
        Assert.All(all.OfType<V1NetworkPolicy>(), policy => Assert.Equal(labels, policy.Spec.PodSelector.MatchLabels));

        // The pod runs as no one in particular, with nothing.
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(pod.ServiceAccountName, all.OfType<V1ServiceAccount>().Single().Metadata.Name);
        Assert.All(container.Env.Where(variable => variable.Name.StartsWith("TARN_", StringComparison.Ordinal)),
            variable => Assert.Contains(Settings.All, setting => setting.Variable == variable.Name));
        string scheme = container.Env.Any(variable => variable.Name == "TARN_TLS_CERT") ? "HTTPS" : "HTTP";
        Assert.All((V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe],
            probe => Assert.Equal((scheme, "control"), (probe.HttpGet.Scheme ?? "HTTP", (string)probe.HttpGet.Port)));
        Assert.DoesNotContain(all, one => one is V1Secret);
    }

    [Fact]
    public void Every_value_changes_what_is_rendered()
    {
        Assert.Equal(
            Chart.Defaults.Keys.Order(StringComparer.Ordinal),
            Chart.Templates.Values.SelectMany(template => Regex.Matches(template, @"\.Values\.(\w+)").Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal));
        string defaults = string.Concat(Chart.Render());
        Assert.All(Variants[1..], variant => Assert.NotEqual(defaults, string.Concat(Chart.Render(changes: variant))));
        Assert.NotEqual(defaults, string.Concat(Chart.Render(changes: "region: eu-central-1")));
    }

    [Fact]
    public void Without_the_name_of_an_image_nothing_is_rendered() =>
        Assert.Contains("image.repository", Assert.Throws<FormatException>(() => Chart.Render(changes: "image: { repository: '' }")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_plain_manifests_are_what_it_renders_by_default()
    {
        string rendered = string.Join("---\n", Chart.Render());
        string manifests = Path.Combine(Pages.Root, "artifacts", "tarn.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(manifests)!);
        string header = Pages.Read(Manifests).Split('\n')[0] + "\n";
        File.WriteAllText(manifests, header + rendered);
        Assert.True(header + rendered == Pages.Read(Manifests), $"{Manifests} is not what the chart renders: replace it with {manifests}, which is.");
    }

    [Fact]
    public void A_member_that_Kubernetes_does_not_have_is_found()
    {
        string service = Chart.Render().Single(document => document.Contains("-control\"\n  labels", StringComparison.Ordinal) && document.Contains("kind: Service\n", StringComparison.Ordinal));
        Parse(service);
        Assert.ThrowsAny<Exception>(() => Parse(service.Replace("targetPort", "target", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_charts_version_is_the_next_release() =>
        Assert.Contains($"<MinVerMinimumMajorMinor>{string.Join('.', ((string)Chart.About["appVersion"]!).Split('.')[..2])}</", Pages.Read("src/Tarn.Server/Tarn.Server.csproj"), StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ .Values.region | upper }}")]
    [InlineData("{{ range .Values.env }}x{{ end }}")]
    [InlineData("{{ include \"a\" . }}")]
    [InlineData("{{ .Values.regoin }}")]
    [InlineData("{{ .Values.service }}")]
    [InlineData("{{ if .Values.region }}x")]
    [InlineData("{{ end }}")]
    [InlineData("{{ .Values.region .Values.region }}")]
    [InlineData("{{ .Values.region | default (quote \"a\") }}")]
    public void What_the_renderer_does_not_know_is_refused(string template) =>
        Assert.Throws<FormatException>(() => ChartTemplate.Render(template, new Dictionary<string, object?> { ["Values"] = Chart.Defaults }));

    [Theory]
    [InlineData("a {{ .Values.a }} b", "a text b")]
    [InlineData("a\n  {{- .Values.a }} b", "atext b")]
    [InlineData("a {{ .Values.a -}}\n b", "a textb")]
    [InlineData("{{ .Values.a | quote }}{{ .Values.q | quote }}", "\"text\"\"a\\\"b\"")]
    [InlineData("{{ .Values.none | default \"x\" }}{{ .Values.a | default \"x\" }}", "xtext")]
    [InlineData("{{ if .Values.none }}a{{ else }}b{{ end }}{{ if or .Values.none .Values.a }}c{{ end }}", "bc")]
    [InlineData("{{ if .Values.off }}a{{ end }}{{ if .Values.empty }}b{{ end }}{{ if .Values.map }}c{{ end }}", "c")]
    [InlineData("x:\n  {{- .Values.map | toYaml | nindent 2 }}", "x:\n  a: \"\"\n  b: []\n  c:\n  - 1\n  - d: e\n  - \"1\"")]
    public void The_renderer_does_what_Helm_does(string template, string rendered)
    {
        IReadOnlyDictionary<string, object?> values = ChartYaml.Read("{ a: text, q: 'a\"b', none: '', off: false, empty: [], map: { c: [1, { d: e }, '1'], b: [], a: '' } }");
        Assert.Equal(rendered, ChartTemplate.Render(template, new Dictionary<string, object?> { ["Values"] = values }));
    }

    private static object Parse(string document)
    {
        string kind = Regex.Match(document, "^apiVersion: (.*)\nkind: (.*)$", RegexOptions.Multiline) is { Success: true } match
            ? $"{match.Groups[1].Value} {match.Groups[2].Value}"
            : throw new FormatException($"no kind in\n{document}");
        return kind switch
        {
            "v1 Service" => Strictly<V1Service>(),
            "v1 ServiceAccount" => Strictly<V1ServiceAccount>(),
            "apps/v1 StatefulSet" => Strictly<V1StatefulSet>(),
            "networking.k8s.io/v1 Ingress" => Strictly<V1Ingress>(),
            "networking.k8s.io/v1 NetworkPolicy" => Strictly<V1NetworkPolicy>(),
            _ => throw new FormatException($"The chart has no kind '{kind}'."),
        };

        T Strictly<T>() => KubernetesYaml.Deserialize<T>(document, strict: true);
    }

    private static IEnumerable<string> Keys(string variant) => ChartYaml.Read(variant).Keys;
}
