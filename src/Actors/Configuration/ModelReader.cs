using CurvatureActors.Training;
using CurvatureActors.Training.Models;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Configuration;

/// <summary>
/// The section <c>model</c>. Each kind has a section of its own in it; those of the other kinds are checked and then
/// leave no trace in the specification, so that a key without effect has none on the identity either.
/// </summary>
internal static class ModelReader
{
    /// <summary>Reads and checks each field for itself.</summary>
    public static ModelSpecification Read(SettingsReader from)
    {
        string kind = from.OneOf("model.kind", AllowedNames.Models);
        EquatableList<int> hidden = from.Wholes("model.hidden", minimum: 1);
        EquatableList<int> channels = from.Wholes("model.channels", minimum: 1);
        WideResNetSpecification wideResNet = WideResNet(from);
        DeepCnnSpecification deepCnn = new()
        {
            Depth = from.Whole("model.deep-cnn.depth", minimum: 1),
            Width = from.Whole("model.deep-cnn.width", minimum: 1),
        };
        DenseNetSpecification denseNet = new()
        {
            GrowthRate = from.Whole("model.densenet.growth-rate", minimum: 1),
            BlockLayers = from.Whole("model.densenet.block-layers", minimum: 1),
        };
        TransformerSpecification transformer = Transformer(from);
        LstmSpecification lstm = new()
        {
            Depth = from.Whole("model.lstm.depth", minimum: 1),
            Width = from.Whole("model.lstm.width", minimum: 1),
            NormalizationPosition = from.OneOf("model.lstm.normalization-position", AllowedNames.NormalizationPositions),
        };
        QuadraticSpecification quadratic = new()
        {
            Spectrum = from.Singles("model.quadratic.spectrum", Interval.Finite),
            Lambda1 = from.Single("model.quadratic.lambda1", Interval.Positive),
            Exponent = from.Number("model.quadratic.exponent", Interval.NotNegative),
        };
        UvSpecification uv = new() { Target = from.Single("model.uv.target", Interval.Finite) };
        string? assembly = FileName(from);
        string type = from.Text("model.type");
        bool old = kind is "mlp" or "cnn" or "external";
        string normalization = from.OneOf("model.normalization", AllowedNames.Normalizations);
        string[] normalizations = kind switch
        {
            "quadratic" or "uv" => [],
            "mlp" when hidden.Count == 0 => [],
            "wide-resnet" => [normalization, wideResNet.ExtraNormalization],
            _ => [normalization],
        };
        return new ModelSpecification
        {
            Kind = kind,
            Hidden = old ? hidden : [],
            Channels = old ? channels : [],
            Normalization = normalization,
            FusedNormalization = normalizations.Any(name => Normalization.Kinds[name].MayBeFused),
            Activation = from.OneOf("model.activation", AllowedNames.Activations),
            InitScale = from.Single("model.init-scale", Interval.Positive),
            Dropout = from.Single("model.dropout", Interval.ZeroToBelowOne),
            Initialisation = InitialisationReader.Read(from),
            WideResNet = Only(wideResNet, "wide-resnet"),
            DeepCnn = Only(deepCnn, "deep-cnn"),
            DenseNet = Only(denseNet, "densenet"),
            Transformer = Only(transformer, "transformer") ?? Only(transformer with { PatchSize = null }, "char-transformer"),
            Lstm = Only(lstm, "lstm"),
            Quadratic = Only(quadratic, "quadratic"),
            Uv = Only(uv, "uv"),
            Assembly = kind == "external" ? assembly : null,
            Type = Only(type, "external"),
        };

        T? Only<T>(T section, string name)
            where T : class => kind == name ? section : null;
    }

    // Absolute, for the same reason as the folder of the data.
    private static string? FileName(SettingsReader from)
    {
        string file = from.Text("model.assembly");
        return file.Length == 0
            ? null
            : file.Contains('\0')
            ? throw SettingsReader.Mismatch("model.assembly", from.Get("model.assembly"), "a file")
            : Path.GetFullPath(file);
    }

    private static WideResNetSpecification WideResNet(SettingsReader from) => new()
    {
        Depth = from.Whole("model.wide-resnet.depth", minimum: 10),
        WidthFactor = from.Whole("model.wide-resnet.width-factor", minimum: 1),
        BaseChannels = from.Whole("model.wide-resnet.base-channels", minimum: 1),
        Strides = from.Wholes("model.wide-resnet.strides", minimum: 1),
        ResidualScale = from.Single("model.wide-resnet.residual-scale", Interval.Positive),
        ExtraNormalization = from.OneOf("model.wide-resnet.extra-norm", AllowedNames.Normalizations),
        Pool = from.WholeOr("global", "model.wide-resnet.pool", minimum: 1),
    };

    private static TransformerSpecification Transformer(SettingsReader from) => new()
    {
        PatchSize = from.Whole("model.transformer.patch-size", minimum: 1),
        Width = from.Whole("model.transformer.width", minimum: 1),
        Heads = from.Whole("model.transformer.heads", minimum: 1),
        Depth = from.Whole("model.transformer.depth", minimum: 1),
        MlpRatio = from.Whole("model.transformer.mlp-ratio", minimum: 1),
        NormalizationPosition = from.OneOf("model.transformer.normalization-position", AllowedNames.NormalizationPositions),
        ResidualScale = from.Single("model.transformer.residual-scale", Interval.Positive),
    };
}
