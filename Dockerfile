# Planpost in a small image: one static binary, not root, nothing to write but /data.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w -buildid=' -o /planpost ./cmd/planpost && mkdir /data

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* && useradd --system --uid 65532 planpost
COPY --from=build /planpost /planpost
COPY --from=build --chown=planpost:planpost /data /data
USER planpost
VOLUME /data
EXPOSE 8080 2525
ENV PLANPOST_DATA=/data PLANPOST_WEB_LISTEN=:8080 PLANPOST_SMTP_LISTEN=:2525
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/planpost", "ping"]
ENTRYPOINT ["/planpost"]
CMD ["serve"]
